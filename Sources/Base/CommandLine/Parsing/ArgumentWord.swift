// SPDX-License-Identifier: Apache-2.0

/// A word of the command line, classified without knowledge of the command.
enum ArgumentWord: Equatable {
    /// `--name`, `--name=value`, `-n`, `-n=value`.
    case option(ArgumentName, value: String?)
    /// `-abc`: three short names, or one mistyped long name.
    case pack([Character])
    case value(String)
    /// The first `--`; all following words are values.
    case terminator

    /// Classifies all words; throws for the first word that begins like an option but is not valid.
    static func words(of arguments: [String]) throws(UsageProblem) -> [ArgumentWord] {
        var words: [ArgumentWord] = []
        words.reserveCapacity(arguments.count)
        var isTerminated = false
        for argument in arguments {
            let word = isTerminated ? .value(argument) : try ArgumentWord(argument)
            if word == .terminator { isTerminated = true }
            words.append(word)
        }
        return words
    }

    private init(_ argument: String) throws(UsageProblem) {
        let body = argument.drop { $0 == "-" }
        let dashes = argument.count - body.count
        if body.isEmpty {
            guard dashes <= 2 else { throw .invalidOption(argument) }
            self = dashes == 2 ? .terminator : .value(argument)
            return
        }
        guard dashes > 0 else {
            self = .value(argument)
            return
        }
        let equals = body.firstIndex(of: "=")
        let name = body[..<(equals ?? body.endIndex)]
        guard dashes <= 2, !name.isEmpty else { throw .invalidOption(argument) }
        let value = equals.map { String(body[body.index(after: $0)...]) }
        switch (dashes, name.count, value) {
        case (2, _, _): self = .option(.long(String(name)), value: value)
        case (_, 1, _): self = .option(.short(name[name.startIndex]), value: value)
        case (_, _, nil): self = .pack(Array(name))
        case (_, _, _?): self = .option(.longWithOneDash(String(name)), value: value)
        }
    }

    /// The names in the word.
    var names: [ArgumentName] {
        switch self {
        case .option(let name, _): [name]
        case .pack(let letters): letters.map { .short($0) }
        case .value, .terminator: []
        }
    }
}
