// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Synchronization

/// The public URL of the registry, for links in responses: as configured, otherwise the listening address.
///
/// If neither is known, the URL is empty and links are paths, which clients resolve against the address that they
/// used.
package final class PublicURL: Sendable {
    private let value: Mutex<String>
    private let isConfigured: Bool
    /// The path below which a proxy publishes the registry, without a trailing slash; usually empty.
    package let path: String

    /// Creates the URL from the configured one, without a trailing slash; nil means the address from `listens`.
    package init(_ configured: String?) {
        isConfigured = configured != nil
        value = Mutex(configured ?? "")
        let parts = (configured ?? "").split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        path = parts.count == 4 ? "/" + parts[3] : ""
    }

    /// Records the only address of the server, which is known only once it listens.
    package func listens(at address: String) {
        guard !isConfigured else { return }
        value.withLock { $0 = address }
    }

    /// The URL without a trailing slash; empty if unknown.
    package var text: String { value.withLock { $0 } }

    /// Prepends the path that a proxy strips to the path of a `Location`.
    func complete(_ headers: inout HTTPFields) {
        guard !path.isEmpty, let location = headers[.location], location.hasPrefix("/") else { return }
        headers[.location] = path + location
    }

    /// The host name without its port.
    var host: String {
        let rest = text.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? "localhost"
        guard !rest.hasPrefix("[") else { return rest.prefix { $0 != "]" } + "]" }
        return String(rest.prefix { $0 != ":" })
    }
}

extension PublicURL {
    /// Returns the URL without a trailing slash; nil if no path can be appended to it.
    package static func normalized(_ text: String) -> String? {
        guard let scheme = ["http://", "https://"].first(where: text.hasPrefix) else { return nil }
        var rest = text.dropFirst(scheme.count)
        while rest.hasSuffix("/") { rest = rest.dropLast() }
        let isPossible = rest.utf8.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && !"?#\"<>\\^`{|}@".utf8.contains($0)
        }
        guard isPossible, let first = rest.first, first != "/", first != ":" else { return nil }
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
        guard !parts.dropFirst().contains(where: { ["", ".", ".."].contains($0) }) else { return nil }
        // The port of an IPv6 address follows the bracket.
        let host = parts[0].drop { $0 != "]" }
        let port = (host.isEmpty ? parts[0] : host).split(separator: ":", omittingEmptySubsequences: false).dropFirst()
        guard port.count < 2, port.first.map({ $0.allSatisfy(\.isNumber) && UInt16($0) ?? 0 > 0 }) ?? true else {
            return nil
        }
        return scheme + rest
    }
}
