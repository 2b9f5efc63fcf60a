// SPDX-License-Identifier: Apache-2.0

/// The totals of a copy between two stores.
package struct CopySummary: Hashable, Sendable {
    package internal(set) var copied = 0
    package internal(set) var copiedBytes: Int64 = 0
    /// The number of blobs that the target already had.
    package internal(set) var present = 0
    /// The number of blobs that could not be copied because their content is missing or damaged in the source.
    package internal(set) var problems = 0

    /// Counts an outcome; returns false if the target does not have the content.
    mutating func add(_ outcome: CopyContent.Outcome, _ sizeInBytes: Int64) -> Bool {
        switch outcome {
        case .copied:
            copied += 1
            copiedBytes += sizeInBytes
        case .present: present += 1
        case .missing, .damaged: return false
        }
        return true
    }
}

/// A blob whose content could not be copied.
package struct CopyProblem: Sendable, CustomStringConvertible {
    package let item: CopyContent.Item
    /// Whether the source's content has other bytes; otherwise it is missing.
    package let isDamaged: Bool
    /// The first files with this content.
    package let paths: [String]

    init(_ item: CopyContent.Item, _ outcome: CopyContent.Outcome, paths: [String] = []) {
        self.item = item
        isDamaged = outcome == .damaged
        self.paths = paths
    }

    /// One line for human readers.
    package var description: String {
        let text = "\(isDamaged ? "damaged" : "missing"): blob \(item.sha256) was not copied"
        return paths.isEmpty ? text : text + "; it is the content of " + paths.joined(separator: ", ")
    }
}
