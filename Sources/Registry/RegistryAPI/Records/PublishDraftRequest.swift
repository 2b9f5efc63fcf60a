// SPDX-License-Identifier: Apache-2.0

/// Publishes a draft, optionally only when it has exactly the files that are named.
package struct PublishDraftRequest: GiteaRequest, Encodable {
    package static let labels = ["files": "files"]
    package static let shapes: [String: JSONSchema] = ["files": .map(of: .hexadecimal(64))]
    package static let example: JSONValue = [
        "files": ["hello.txt": "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"]
    ]

    /// The SHA-256 of each file by its name; nil for whatever the draft has.
    package let files: [String: String]?

    /// Names the files that are to be published.
    package init(files: [String: String]?) {
        self.files = files
    }
}
