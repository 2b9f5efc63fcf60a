// SPDX-License-Identifier: Apache-2.0

/// A command's discussion: paragraphs, and verbatim lines, which begin with two spaces.
struct Discussion {
    enum Block: Equatable {
        case paragraph(String)
        case verbatim([String])
    }

    let blocks: [Block]

    init(_ text: String) {
        var blocks: [Block] = []
        var isNew = true
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            defer { isNew = line.isEmpty }
            if line.isEmpty { continue }
            switch (blocks.last, isNew) {
            case (.verbatim(let lines), false) where line.hasPrefix("  "):
                blocks[blocks.count - 1] = .verbatim(lines + [String(line.dropFirst(2))])
            case (.paragraph(let text), false) where !line.hasPrefix("  "):
                blocks[blocks.count - 1] = .paragraph("\(text) \(line)")
            default:
                blocks.append(line.hasPrefix("  ") ? .verbatim([String(line.dropFirst(2))]) : .paragraph(String(line)))
            }
        }
        self.blocks = blocks
    }
}
