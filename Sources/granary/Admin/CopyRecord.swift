// SPDX-License-Identifier: Apache-2.0

import RegistryService

/// The totals of a copy between stores in the format of `--format json`.
struct CopyRecord: Encodable {
    let rows: Int?
    let copied: Int
    let copiedBytes: Int64
    let present: Int
    let problems: Int
    let removed: Int?

    init(_ content: CopySummary, rows: Int? = nil, removed: Int? = nil) {
        self.rows = rows
        copied = content.copied
        copiedBytes = content.copiedBytes
        present = content.present
        problems = content.problems
        self.removed = removed
    }
}

extension CopySummary {
    /// The result for human readers.
    var text: String {
        "copied \(MaintenanceArgument.count(copied, "blob")) (\(copiedBytes) bytes), \(present) already present"
            + (problems > 0 ? ", \(MaintenanceArgument.count(problems, "problem"))" : "")
    }

    /// The progress of a copy.
    var progress: String {
        "\(copied) copied, \(copiedBytes) bytes, \(present) already present"
    }
}
