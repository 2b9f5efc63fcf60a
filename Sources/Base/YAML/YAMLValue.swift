// SPDX-License-Identifier: Apache-2.0

/// What a YAML text says: scalars with their own text, sequences, and mappings in the order they were written.
package struct YAMLValue: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        /// The text as it was written: `2024_01`, `yes` and `12:30` are no numbers, truth values or times.
        ///
        /// `isPlain` is false for what stands in quotes or in a block.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLValue])
        /// No key is there twice.
        case mapping([Entry])
    }

    package struct Entry: Sendable, Equatable {
        package let key: String
        /// The line of the key.
        package let line: Int
        package let value: YAMLValue
    }

    package let content: Content
    /// The line it begins on, from 1.
    package let line: Int

    /// The text of a scalar; nil for anything else.
    package var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// Whether nothing was written, or one of YAML's words for nothing, without quotes.
    package var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// A text in the form in which a reader gives it back: plain, in single quotes, or with escapes.
    package static func written(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy(plainBytes.contains) && !"-:".contains(text.first ?? "-") && text.last != ":"
        if isPlain, !YAMLValue(content: .scalar(text, isPlain: true), line: 1).isNull { return text }
        guard text.unicodeScalars.contains(where: isEscaped) else {
            return "'" + text.unicodeScalars.map { $0 == "'" ? "''" : String($0) }.joined() + "'"
        }
        let parts = text.unicodeScalars.map { scalar -> String in
            if scalar == "\"" || scalar == "\\" { return "\\\(scalar)" }
            guard isEscaped(scalar) else { return String(scalar) }
            let digits = String(scalar.value, radix: 16)
            return "\\U" + String(repeating: "0", count: 8 - digits.count) + digits
        }
        return "\"\(parts.joined())\""
    }

    /// What never has a meaning besides itself, wherever it stands but at the start and the end.
    private static let plainBytes = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-:".utf8
    )

    /// Line ends, which quotes would fold, and what YAML does not take as it is.
    private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format, .unassigned, .privateUse: true
        default: false
        }
    }

    /// One of YAML's words for a truth value, without quotes; nil for anything else.
    package var truth: Bool? {
        guard case .scalar(let text, isPlain: true) = content else { return nil }
        // YAML 1.1, https://yaml.org/type/bool.html: in small letters, in capitals, or with one capital.
        let small = text.lowercased()
        guard [small, text.uppercased(), small.prefix(1).uppercased() + small.dropFirst()].contains(text) else {
            return nil
        }
        switch small {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default: return nil
        }
    }
}

/// Why a text is not read.
package struct YAMLError: Error, Equatable, CustomStringConvertible {
    /// The line of the problem, from 1.
    package let line: Int
    /// What is wrong there.
    package let problem: String

    package var description: String { "line \(line): \(problem)" }
}
