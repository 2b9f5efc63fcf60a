// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// The parts of a request that its signature covers.
struct SignedParts: Sendable {
    let method: String
    /// Percent-encoded, and beginning with a slash.
    let path: String
    /// Not encoded; a name without a value has an empty one.
    var query: [(name: String, value: String)] = []
    /// Without those that the connection may change, such as `content-length`.
    var headers: [(name: String, value: String)] = []

    /// The query, encoded and in order, as it is signed and can be sent.
    var canonicalQuery: String {
        query.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }.sorted().joined(separator: "&")
    }

    /// The names of all headers, in order.
    var signedHeaderNames: String { sortedHeaders.map(\.name).joined(separator: ";") }

    /// The text of which the signature is made.
    func canonical(payload: String) -> String {
        let headerLines = sortedHeaders.map { "\($0.name):\($0.value)\n" }.joined()
        return [method, path, canonicalQuery, headerLines, signedHeaderNames, payload].joined(separator: "\n")
    }

    private var sortedHeaders: [(name: String, value: String)] {
        headers.map { ($0.name.lowercased(), $0.value) }.sorted { $0.0 < $1.0 }
    }
}
