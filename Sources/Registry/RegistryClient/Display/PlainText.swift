// SPDX-License-Identifier: Apache-2.0

/// Makes text from outside safe for one line of a terminal: control characters become spaces, the rest is cut.
package func oneLine(_ text: String, limit: Int = 500) -> String {
    let cleaned = String(text.unicodeScalars.map { scalar in isControl(scalar) ? " " : Character(scalar) })
    let words = cleaned.split(separator: " ").joined(separator: " ")
    return words.count > limit ? words.prefix(limit) + "…" : words
}

/// C0, DEL, C1, line separators and the characters that turn the writing direction.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
}
