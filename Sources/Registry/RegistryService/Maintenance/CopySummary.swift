// SPDX-License-Identifier: Apache-2.0

/// How much was copied from store to store.
package struct CopySummary: Hashable, Sendable {
    package internal(set) var copied = 0
    package internal(set) var copiedBytes: Int64 = 0
    /// How much was there already.
    package internal(set) var present = 0
    /// How much could not be copied, because the source does not have it, or has other bytes.
    package internal(set) var problems = 0

    /// Counts an outcome; false when nothing was copied and nothing was there.
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

/// Content that could not be copied.
package struct CopyProblem: Sendable, CustomStringConvertible {
    package let item: CopyContent.Item
    /// Whether the source has it with other bytes; else it has nothing.
    package let isDamaged: Bool
    /// The first files whose content it is.
    package let paths: [String]

    init(_ item: CopyContent.Item, _ outcome: CopyContent.Outcome, paths: [String] = []) {
        self.item = item
        isDamaged = outcome == .damaged
        self.paths = paths
    }

    /// One line for people.
    package var description: String {
        let text = "\(isDamaged ? "damaged" : "missing"): blob \(item.sha256) was not copied"
        return paths.isEmpty ? text : text + "; it is the content of " + paths.joined(separator: ", ")
    }
}
