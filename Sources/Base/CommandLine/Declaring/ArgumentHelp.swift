// SPDX-License-Identifier: Apache-2.0

/// What the help says about an argument.
package struct ArgumentHelp: Sendable, ExpressibleByStringInterpolation {
    package let abstract: String
    /// What stands for the value in the help; nil for the name of the option or of the property.
    package let valueName: String?

    package init(_ abstract: String, valueName: String? = nil) {
        self.abstract = abstract
        self.valueName = valueName
    }

    package init(stringLiteral abstract: String) {
        self.init(abstract)
    }
}

/// Under which names an option or a flag is given.
package enum NameSpecification: Sendable {
    /// The property's name: `tokenFile` is `--token-file`.
    case long
    /// That, and its first letter.
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

/// How an option or a flag is spelled on the command line.
enum ArgumentName: Hashable, Sendable, CustomStringConvertible {
    case short(Character)
    case long(String)
    /// `-name`, which no argument has, and which may be several short names at once.
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
    /// The words of a Swift name in small letters, with a dash before each but the first: `s3AccessKey` is `s3-access-key`.
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

/// What a shell offers for a value.
package enum CompletionKind: Sendable, Equatable {
    /// The values of the type, when it lists them, or else nothing.
    case automatic
    case files
    case directories
}
