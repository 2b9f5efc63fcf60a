// SPDX-License-Identifier: Apache-2.0

/// A request to publish a draft, optionally only when it has exactly the given files.
package struct PublishDraftRequest: JSONRequest, Encodable {
    package static let labels = ["files": "files"]
    package static let shapes: [String: JSONSchema] = ["files": .map(of: .hexadecimal(64))]
    package static let example: JSONValue = [
        "files": ["hello.txt": "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"]
    ]

    /// The SHA-256 of each file by its name, or nil to publish any files.
    package let files: [String: String]?

    /// Creates a request for the given files.
    package init(files: [String: String]?) {
        self.files = files
    }
}
