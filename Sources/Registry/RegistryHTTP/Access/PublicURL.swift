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
