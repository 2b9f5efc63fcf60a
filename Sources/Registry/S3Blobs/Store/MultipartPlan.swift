// SPDX-License-Identifier: Apache-2.0

/// How large content is cut into parts.
struct MultipartPlan: Hashable, Sendable {
    /// How many parts are on their way at once.
    static let partsAtOnce = 4

    private static let mebibyte: Int64 = 1 << 20
    /// No store takes more.
    private static let mostParts: Int64 = 10_000

    /// The range of each part; the last one may be smaller than the others.
    let parts: [Range<Int64>]

    /// Cuts into parts of a size, or of more when there would be too many of them.
    init(sizeInBytes: Int64, partSize: Int64) {
        let least = (sizeInBytes + Self.mostParts - 1) / Self.mostParts
        let inMebibytes = (least + Self.mebibyte - 1) / Self.mebibyte * Self.mebibyte
        let size = max(partSize, inMebibytes)
        parts = stride(from: 0, to: sizeInBytes, by: Int64.Stride(size)).map { start in
            start..<min(start + size, sizeInBytes)
        }
    }
}
