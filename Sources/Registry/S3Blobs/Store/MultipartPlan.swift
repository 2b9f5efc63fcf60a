// SPDX-License-Identifier: Apache-2.0

/// The division of large content into parts.
struct MultipartPlan: Hashable, Sendable {
    /// The number of parts that are sent concurrently.
    static let partsAtOnce = 4

    private static let mebibyte: Int64 = 1 << 20
    /// The maximum number of parts that S3 accepts.
    private static let mostParts: Int64 = 10_000

    /// The range of each part; the last one may be smaller.
    let parts: [Range<Int64>]

    /// Divides content into parts of the given size, or larger ones when there would be too many.
    init(sizeInBytes: Int64, partSize: Int64) {
        let least = (sizeInBytes + Self.mostParts - 1) / Self.mostParts
        let inMebibytes = (least + Self.mebibyte - 1) / Self.mebibyte * Self.mebibyte
        let size = max(partSize, inMebibytes)
        parts = stride(from: 0, to: sizeInBytes, by: Int64.Stride(size)).map { start in
            start..<min(start + size, sizeInBytes)
        }
    }
}
