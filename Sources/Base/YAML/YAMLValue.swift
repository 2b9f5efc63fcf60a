// SPDX-License-Identifier: Apache-2.0

/// A YAML value: scalars with their original text, sequences, and mappings in source order.
package struct YAMLValue: Sendable, Equatable {
    package enum Content: Sendable, Equatable {
        /// The text as written: `2024_01`, `yes` and `12:30` are not converted to numbers, Booleans or times.
        ///
        /// `isPlain` is false for quoted and block scalars.
        case scalar(String, isPlain: Bool)
        case sequence([YAMLValue])
        /// Entries with unique keys.
        case mapping([Entry])
    }

    package struct Entry: Sendable, Equatable {
        package let key: String
        /// The line of the key.
        package let line: Int
        package let value: YAMLValue
    }

    package let content: Content
    /// The line on which the value begins, from 1.
    package let line: Int

    /// The text of a scalar; nil for other values.
    package var text: String? {
        if case .scalar(let text, _) = content { text } else { nil }
    }

    /// Whether the value is empty or an unquoted YAML null.
    package var isNull: Bool {
        guard case .scalar(let text, isPlain: true) = content else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// Encodes a text as a scalar that a reader decodes to the same text: plain, in single quotes, or with escapes.
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

    /// The bytes without a special meaning anywhere except at the start and the end.
    private static let plainBytes = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._-:".utf8
    )

    /// Returns whether a scalar needs an escape: line breaks, which quotes would fold, and characters that YAML does not allow.
    private static func isEscaped(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator, .format, .unassigned, .privateUse: true
        default: false
        }
    }

    /// The value of an unquoted YAML Boolean; nil for other values.
    package var truth: Bool? {
        guard case .scalar(let text, isPlain: true) = content else { return nil }
        // YAML 1.1, https://yaml.org/type/bool.html: lower case, upper case, or capitalized.
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

/// The reason why a text cannot be read.
package struct YAMLError: Error, Equatable, CustomStringConvertible {
    /// The line of the problem, from 1.
    package let line: Int
    /// The problem, in one sentence.
    package let problem: String

    package var description: String { "line \(line): \(problem)" }
}
