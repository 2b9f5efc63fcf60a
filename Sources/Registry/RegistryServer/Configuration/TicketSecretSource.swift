// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
package import HTTPServer

/// The source of the secret for session tickets.
package enum TicketSecretSource: Sendable {
    case value(TicketSecret)
    case file(String)

    /// Reads the secret without trailing line ends, so that a file and a variable with the same text are equivalent.
    package func read() throws -> TicketSecret {
        switch self {
        case .value(let secret): return secret
        case .file(let path):
            guard let content = try? Data(contentsOf: URL(filePath: path)) else {
                throw Unusable(path: path, reason: "cannot read the file; check the path and its permissions")
            }
            var bytes = [UInt8](content)[...]
            while let last = bytes.last, last == UInt8(ascii: "\n") || last == UInt8(ascii: "\r") { bytes.removeLast() }
            guard let secret = TicketSecret(Array(bytes)) else {
                throw Unusable(
                    path: path,
                    reason: "it has fewer than 32 bytes; generate a new one with openssl rand -base64 48"
                )
            }
            return secret
        }
    }

    /// The error for a file without a usable secret.
    struct Unusable: Error, CustomStringConvertible {
        let path: String
        let reason: String

        var description: String { "cannot use the TLS session ticket secret in \(path): \(reason)" }
    }
}
