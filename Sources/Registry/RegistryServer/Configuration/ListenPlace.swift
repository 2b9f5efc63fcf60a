// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// Where the server is to listen, as the setting `listen` names it.
package enum ListenPlace: Hashable, Sendable, CustomStringConvertible {
    /// A numeric address or a name, or `*` for all addresses of IPv6 and IPv4; port 0 is any that is free.
    case tcp(host: String, port: Int)
    /// A socket in the file system.
    case unix(path: String)
    /// All sockets that systemd hands over.
    case systemd

    /// What texts must be.
    static let rule =
        "HOST:PORT such as 127.0.0.1:3000 or [::1]:3000, *:PORT for all addresses, unix:/PATH, or systemd, "
        + "with commas between several"

    private static let unixPrefix = "unix:"

    /// Reads `127.0.0.1:3000`, `[::1]:3000`, `*:3000`, `unix:/run/granary.sock` or `systemd`; nil for anything else.
    init?(_ text: String) {
        if text == "systemd" {
            self = .systemd
            return
        }
        if text.hasPrefix(Self.unixPrefix) {
            let path = text.dropFirst(Self.unixPrefix.count)
            guard path.hasPrefix("/"), !path.hasSuffix("/"), !path.utf8.contains(0) else { return nil }
            self = .unix(path: String(path))
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = Int64(digits: text[text.index(after: colon)...]),
            port <= UInt16.max
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty, host == "*" || host.utf8.allSatisfy(Self.isOfHost) else { return nil }
        self = .tcp(host: String(host), port: Int(port))
    }

    /// Whether a byte may be part of a name or a numeric address, whose scope stands behind a percent sign.
    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"),
            UInt8(ascii: "%"):
            true
        default: false
        }
    }

    package var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): Self.unixPrefix + path
        case .systemd: "systemd"
        }
    }

    /// Whether it may be there more than once.
    var takesFreePort: Bool {
        if case .tcp(_, 0) = self { true } else { false }
    }
}
