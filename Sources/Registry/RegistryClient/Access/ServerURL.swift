// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import RegistryCore

/// The address of a registry: `http` or `https`, a host, and optionally a port and a base path.
package struct ServerURL: Hashable, Sendable, CustomStringConvertible {
    /// The address without a trailing slash.
    package let text: String
    /// The host without its port.
    let host: String

    /// Parses an address; rejects user information, queries and fragments, so that the address never contains a secret.
    package init(_ address: String) throws(ClientError) {
        guard let parts = URLComponents(string: address), let scheme = parts.scheme?.lowercased(),
            scheme == "http" || scheme == "https", let host = parts.encodedHost, !host.isEmpty
        else {
            // An address with a user may also contain a password, and errors are logged.
            let shown = address.contains("@") ? "" : " \(address.quoted())"
            throw ClientError(
                .usage,
                "the server address\(shown) is not valid; give an address such as https://packages.example.com"
            )
        }
        guard parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil else {
            throw ClientError(
                .usage,
                "the server address on \(host) has a user, password, query or fragment; give the plain address"
                    + " and the token by --token-file or GRANARY_TOKEN"
            )
        }
        var path = parts.percentEncodedPath[...]
        while path.hasSuffix("/") { path.removeLast() }
        let port = parts.port.map { ":\($0)" } ?? ""
        self.host = host.lowercased()
        text = "\(scheme)://\(host.lowercased())\(port)\(path)"
    }

    /// Whether the transfer is safe from eavesdropping: encrypted, or within this machine.
    package var keepsSecrets: Bool {
        let local = ["http://localhost", "http://127.0.0.1", "http://[::1]"]
        return text.hasPrefix("https://")
            || local.contains { text == $0 || text.hasPrefix($0 + ":") || text.hasPrefix($0 + "/") }
    }

    /// The address itself.
    package var description: String { text }

    /// Returns the URL of a path of the registry; the path starts with a slash.
    package func url(_ path: String) -> String { text + path }

    /// Returns the registry path in a `Location`, or nil when it is on another server.
    func path(of location: String) -> String? {
        let base = text.dropFirst(origin.count)
        var path = location[...]
        if path.hasPrefix(origin + "/") { path = path.dropFirst(origin.count) }
        guard path.hasPrefix("/"), !path.hasPrefix("//") else { return nil }
        // Behind a proxy, the registry's paths may or may not include the base path.
        return String(!base.isEmpty && path.hasPrefix(base + "/") ? path.dropFirst(base.count) : path)
    }

    /// Scheme, host and port.
    private var origin: Substring {
        let host = text.dropFirst(text.hasPrefix("https:") ? "https://".count : "http://".count)
        return text[..<(host.firstIndex(of: "/") ?? text.endIndex)]
    }
}
