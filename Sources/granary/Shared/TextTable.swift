// SPDX-License-Identifier: Apache-2.0

import RegistryClient

/// A table of text with aligned columns and a heading.
struct TextTable {
    let heading: [String]
    var rows: [[String]] = []

    /// The text of the table, one row per line; cells cannot contain line breaks or terminal control sequences.
    var text: String {
        let lines = ([heading] + rows).map { row in row.map { oneLine($0, limit: 300) } }
        let widths = heading.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        return lines.map { line in
            let cells = zip(line, widths).enumerated().map { index, cell in
                index == line.count - 1 ? cell.0 : cell.0 + String(repeating: " ", count: cell.1 - cell.0.count)
            }
            return cells.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
