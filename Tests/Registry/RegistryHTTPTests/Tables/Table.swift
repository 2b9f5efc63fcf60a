// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The tables of requests and responses in `Tests/Tables`, one row per line.
enum Table: String, CaseIterable {
    case apiAccess = "api-access"
    case apiCases = "api-cases"
    case apiScopes = "api-scopes"
    case contractAccess = "contract-access"
    case contractCases = "contract-cases"

    /// The lines without comments.
    func rows() throws -> [String] {
        var folder = URL(filePath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        let text = try String(contentsOf: folder.appending(path: "Tables/\(rawValue).txt"), encoding: .utf8)
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map(String.init)
    }
}

extension String {
    /// The words of a row; a JSON body counts as one word.
    var words: [String] { split(separator: " ").map(String.init) }

    /// The cells of a row, without surrounding blanks.
    var cells: [String] {
        split(separator: "|", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
