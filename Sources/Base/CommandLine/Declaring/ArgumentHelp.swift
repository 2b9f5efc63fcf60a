// SPDX-License-Identifier: Apache-2.0

/// The help for an argument.
package struct ArgumentHelp: Sendable, ExpressibleByStringInterpolation {
    package let abstract: String
    /// The placeholder for the value in the help; nil for the name of the option or the property.
    package let valueName: String?

    package init(_ abstract: String, valueName: String? = nil) {
        self.abstract = abstract
        self.valueName = valueName
    }

    package init(stringLiteral abstract: String) {
        self.init(abstract)
    }
}

/// The names of an option or a flag.
package enum NameSpecification: Sendable {
    /// The property's name: `tokenFile` becomes `--token-file`.
    case long
    /// The property's name and its first letter.
    case shortAndLong
    case customLong(String)

    func names(of property: String) -> [ArgumentName] {
        let word = property.dashed
        return switch self {
        case .long: [.long(word)]
        case .shortAndLong: word.first.map { [.short($0), .long(word)] } ?? []
        case .customLong(let name): [.long(name)]
        }
    }
}

/// A name of an option or a flag as written on the command line.
enum ArgumentName: Hashable, Sendable, CustomStringConvertible {
    case short(Character)
    case long(String)
    /// `-name`, which no argument has, and which may combine several short names.
    case longWithOneDash(String)

    var description: String {
        switch self {
        case .short(let letter): "-\(letter)"
        case .long(let word): "--\(word)"
        case .longWithOneDash(let word): "-\(word)"
        }
    }

    var isShort: Bool {
        if case .short = self { true } else { false }
    }
}

extension String {
    /// The words of a Swift name in lower case, joined by dashes: `s3AccessKey` becomes `s3-access-key`.
    var dashed: String {
        var result = ""
        var isAfterSmall = false
        for character in self {
            if character.isUppercase, isAfterSmall { result += "-" }
            isAfterSmall = !character.isUppercase
            result += character.lowercased()
        }
        return result
    }
}

/// The completions that a shell offers for a value.
package enum CompletionKind: Sendable, Equatable {
    /// The values of the type if it lists them, otherwise none.
    case automatic
    case files
    case directories
}
