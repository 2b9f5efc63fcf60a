// SPDX-License-Identifier: Apache-2.0

/// The rules shared by several kinds of names.
enum NameRules {
    static let maximumByteCount = 255

    /// Validates a path segment, which must be safe as one component of a URL and of a file path.
    static func checkSegment(_ text: String, _ part: InvalidName.Part) throws(InvalidName) {
        try checkText(text, part)
        guard !text.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }) else {
            throw InvalidName(part, text, rule: "it must not contain / or \\")
        }
        guard text != ".", text != ".." else {
            throw InvalidName(part, text, rule: "it must not be . or ..")
        }
    }

    /// Validates the rules of every name: a limited length, no control characters and no outer white space.
    static func checkText(_ text: String, _ part: InvalidName.Part) throws(InvalidName) {
        guard !text.isEmpty else {
            throw InvalidName(part, text, rule: "it must not be empty")
        }
        guard text.utf8.count <= maximumByteCount else {
            throw InvalidName(part, text, rule: "it must be at most \(maximumByteCount) bytes long")
        }
        guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw InvalidName(part, text, rule: "it must not contain control characters")
        }
        guard !hasOuterWhiteSpace(text) else {
            throw InvalidName(part, text, rule: "it must not start or end with white space")
        }
    }

    /// Returns whether every byte of the text is an ASCII letter, a digit or one of the other characters.
    static func consists(_ text: String, ofLettersDigitsAnd others: String) -> Bool {
        text.utf8.allSatisfy { $0.isASCIILetterOrDigit || others.utf8.contains($0) }
    }

    private static func hasOuterWhiteSpace(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
        return first.properties.isWhitespace || last.properties.isWhitespace
    }
}
