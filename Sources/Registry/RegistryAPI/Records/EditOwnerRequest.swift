// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// A request to change an owner's publish settings; missing members stay unchanged.
package struct EditOwnerRequest: JSONRequest {
    package static let labels = ["contract": "contract", "limits": "limits"]
    package static let shapes: [String: JSONSchema] = [
        "contract": .optional(.word(PublishContract.Name.allCases.map(\.rawValue)))
    ]
    package static let example: JSONValue = ["contract": "current"]

    /// The owner's contract, or null for the server's default.
    package let contract: Nullable<String>?
    package let limits: EditLimitsRequest?
}

/// The limits of an owner: each a number, -1 for unlimited, or null for the server's default.
package struct EditLimitsRequest: Decodable, Sendable {
    package let fileSize: Nullable<Int64>?
    package let totalSize: Nullable<Int64>?
    package let versionCount: Nullable<Int64>?

    private enum CodingKeys: String, CodingKey {
        case fileSize = "file_size"
        case totalSize = "total_size"
        case versionCount = "version_count"
    }
}
