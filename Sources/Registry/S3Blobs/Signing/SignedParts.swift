// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// The parts of a request that its signature covers.
struct SignedParts: Sendable {
    let method: String
    /// The percent-encoded path, with a leading slash.
    let path: String
    /// The query without encoding; a name without a value has an empty value.
    var query: [(name: String, value: String)] = []
    /// The headers, without those that the connection may change, such as `content-length`.
    var headers: [(name: String, value: String)] = []

    /// The encoded and sorted query, for signing and sending.
    var canonicalQuery: String {
        query.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }.sorted().joined(separator: "&")
    }

    /// The sorted names of all headers.
    var signedHeaderNames: String { sortedHeaders.map(\.name).joined(separator: ";") }

    /// Returns the text to be signed.
    func canonical(payload: String) -> String {
        let headerLines = sortedHeaders.map { "\($0.name):\($0.value)\n" }.joined()
        return [method, path, canonicalQuery, headerLines, signedHeaderNames, payload].joined(separator: "\n")
    }

    private var sortedHeaders: [(name: String, value: String)] {
        headers.map { ($0.name.lowercased(), $0.value) }.sorted { $0.0 < $1.0 }
    }
}
