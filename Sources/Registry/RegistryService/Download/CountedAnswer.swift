// SPDX-License-Identifier: Apache-2.0

/// A response with content of a file, reduced to what the download count needs.
package struct CountedAnswer: Sendable {
    let fileID: Int64
    let sizeInBytes: Int64
    let client: String?
    let hasFirstByte: Bool
    let hasLastByte: Bool

    /// Creates the record of a response; `client` is the client's address, if it has one.
    package init(fileID: Int64, sizeInBytes: Int64, client: String?, hasFirstByte: Bool, hasLastByte: Bool) {
        self.fileID = fileID
        self.sizeInBytes = sizeInBytes
        self.client = client
        self.hasFirstByte = hasFirstByte
        self.hasLastByte = hasLastByte
    }
}
