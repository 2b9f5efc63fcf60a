// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// A member of a request body that violates a rule, in Gitea's format: `[Field]: Rule`.
struct InvalidField: Error, Hashable, CustomStringConvertible {
    /// The member's name in camel case.
    let field: String
    let rule: String

    init(_ field: String, _ rule: String) {
        self.field = field
        self.rule = rule
    }

    var description: String { "[\(field)]: \(rule)" }

    /// Creates a domain value from a member; the error names the member.
    static func check<Value>(_ field: String, _ make: () throws -> Value) throws -> Value {
        do {
            return try make()
        } catch let error as InvalidName {
            throw InvalidField(field, error.rule)
        } catch let error as InvalidEmailAddress {
            throw InvalidField(field, error.description)
        }
    }

    /// Validates a text of bounded length; line feeds and tabs are the only control characters that it may contain.
    static func text(_ field: String, _ text: String?, limit: Int) throws -> String? {
        guard let text else { return nil }
        guard text.unicodeScalars.count <= limit else { throw InvalidField(field, "MaxSize(\(limit))") }
        let isPossible = text.unicodeScalars.allSatisfy {
            $0.properties.generalCategory != .control || $0 == "\n" || $0 == "\r" || $0 == "\t"
        }
        guard isPossible else { throw InvalidField(field, "it must not contain control characters") }
        return text
    }

    /// Parses one of a member's possible values.
    static func word<Word: RawRepresentable<String> & CaseIterable>(_ field: String, _ text: String?) throws -> Word? {
        guard let text, !text.isEmpty else { return nil }
        guard let word = Word(rawValue: text) else {
            throw InvalidField(field, "it must be one of \(Word.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        return word
    }
}
