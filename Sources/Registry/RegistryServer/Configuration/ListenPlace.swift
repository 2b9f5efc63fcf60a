// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// A value of the setting `listen`.
package enum ListenPlace: Hashable, Sendable, CustomStringConvertible {
    /// A numeric address or a host name, or `*` for all IPv6 and IPv4 addresses; port 0 selects a free port.
    case tcp(host: String, port: Int)
    /// A Unix domain socket.
    case unix(path: String)
    /// All sockets passed by systemd.
    case systemd

    /// The rule for valid texts.
    static let rule =
        "HOST:PORT such as 127.0.0.1:3000 or [::1]:3000, *:PORT for all addresses, unix:/PATH, or systemd, "
        + "with commas between several"

    private static let unixPrefix = "unix:"

    /// Parses `127.0.0.1:3000`, `[::1]:3000`, `*:3000`, `unix:/run/granary.sock` or `systemd`; returns nil otherwise.
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

    /// Returns whether a byte may be part of a host name or a numeric address, including a scope after a percent
    /// sign.
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

    /// Whether the value may occur more than once.
    var takesFreePort: Bool {
        if case .tcp(_, 0) = self { true } else { false }
    }
}
