// SPDX-License-Identifier: Apache-2.0

/// Returns foreign text in a form that is safe for one line of a terminal, without control characters and truncated.
package func oneLine(_ text: String, limit: Int = 500) -> String {
    let cleaned = String(text.unicodeScalars.map { scalar in isControl(scalar) ? " " : Character(scalar) })
    let words = cleaned.split(separator: " ").joined(separator: " ")
    return words.count > limit ? words.prefix(limit) + "…" : words
}

/// Returns whether a scalar is in C0 or C1, is DEL or a line separator, or changes the writing direction.
private func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator: true
    default: false
    }
}
