// SPDX-License-Identifier: Apache-2.0

/// A pattern of SQL's LIKE, with `!` as its escape character.
enum LikePattern {
    /// Matches texts that contain another one in lower case; empty if that is empty.
    static func containing(_ text: String) -> String {
        guard !text.isEmpty else { return "" }
        let escaped = text.lowercased().map { "!%_".contains($0) ? "!\($0)" : "\($0)" }
        return "%" + escaped.joined() + "%"
    }
}
