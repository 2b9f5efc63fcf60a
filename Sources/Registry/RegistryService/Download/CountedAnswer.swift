// SPDX-License-Identifier: Apache-2.0

/// An answer that gives content of a file, as far as it matters to the count of downloads.
package struct CountedAnswer: Sendable {
    let fileID: Int64
    let sizeInBytes: Int64
    let client: String?
    let hasFirstByte: Bool
    let hasLastByte: Bool

    /// `client` is its address, if it has one.
    package init(fileID: Int64, sizeInBytes: Int64, client: String?, hasFirstByte: Bool, hasLastByte: Bool) {
        self.fileID = fileID
        self.sizeInBytes = sizeInBytes
        self.client = client
        self.hasFirstByte = hasFirstByte
        self.hasLastByte = hasLastByte
    }
}
