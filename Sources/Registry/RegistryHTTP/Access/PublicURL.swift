// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Synchronization

/// Where people reach the registry, for the links in its answers: as configured, else where it listens.
///
/// When neither says it, the URL is empty and links are paths, which clients complete by the address that they used.
package final class PublicURL: Sendable {
    private let value: Mutex<String>
    private let isConfigured: Bool
    /// The path below which a proxy shows the registry, without a slash at its end; mostly empty.
    package let path: String

    /// Takes what was configured, without a slash at its end; nil for what `listens` says.
    package init(_ configured: String?) {
        isConfigured = configured != nil
        value = Mutex(configured ?? "")
        let parts = (configured ?? "").split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        path = parts.count == 4 ? "/" + parts[3] : ""
    }

    /// Notes the one address that leads to the server, which is known only when it listens.
    package func listens(at address: String) {
        guard !isConfigured else { return }
        value.withLock { $0 = address }
    }

    /// The URL without a slash at its end; empty when it is not known.
    package var text: String { value.withLock { $0 } }

    /// Completes the path of a `Location` by the one that the proxy in front takes away.
    func complete(_ headers: inout HTTPFields) {
        guard !path.isEmpty, let location = headers[.location], location.hasPrefix("/") else { return }
        headers[.location] = path + location
    }

    /// The name of the host, without its port.
    var host: String {
        let rest = text.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? "localhost"
        guard !rest.hasPrefix("[") else { return rest.prefix { $0 != "]" } + "]" }
        return String(rest.prefix { $0 != ":" })
    }
}
