// SPDX-License-Identifier: Apache-2.0

/// A reader of the words after a command's name: options and flags first, then positional arguments.
struct ArgumentReader {
    private struct Place: Hashable {
        let word: Int
        /// The index of the letter in a group of short names.
        var letter: Int?
    }

    private let words: [ArgumentWord]
    private let command: CommandDefinition
    private var used: Set<Place> = []
    /// The flag that was given, for each set of mutually exclusive flags.
    private var flags: [Int: ArgumentName] = [:]
    private(set) var values: [Int: [any Sendable]] = [:]

    init(_ words: [ArgumentWord], of command: CommandDefinition) {
        self.words = words
        self.command = command
    }

    /// Reads options and flags wherever they occur; names that the command does not have remain unused.
    mutating func readOptions() throws(UsageProblem) {
        for index in words.indices {
            switch words[index] {
            case .option(let name, let value): try readOption(name, value, at: Place(word: index))
            case .pack(let letters):
                for (number, letter) in letters.enumerated() {
                    try readOption(.short(letter), nil, at: Place(word: index, letter: number))
                }
            case .value, .terminator: break
            }
        }
    }

    private mutating func readOption(_ name: ArgumentName, _ value: String?, at place: Place) throws(UsageProblem) {
        guard let argument = command.argument(named: name) else { return }
        used.insert(place)
        if argument.kind == .flag {
            if let value { throw .unexpectedValue(name, value) }
            let slot = argument.property.slot
            if let earlier = flags.updateValue(name, forKey: slot), !argument.names.contains(earlier) {
                throw .excluded(name, by: earlier)
            }
            try take("", for: argument, named: name)
        } else if let value {
            try take(value, for: argument, named: name)
        } else {
            try take(nextValue(after: place.word, for: argument, named: name), for: argument, named: name)
        }
    }

    /// Returns the next unused word, which must be a value.
    private mutating func nextValue(
        after index: Int,
        for argument: ArgumentDefinition,
        named name: ArgumentName
    ) throws(UsageProblem) -> String {
        let next = words.indices.dropFirst(index + 1).first { !used.contains(Place(word: $0)) }
        guard let next, case .value(let text) = words[next] else { throw .missingValue(name, argument) }
        used.insert(Place(word: next))
        return text
    }

    /// Assigns the remaining values to the positional arguments, in order.
    mutating func readPositionals() throws(UsageProblem) {
        var rest = words.indices.filter { isUnusedValue($0) }[...]
        for argument in command.arguments where argument.kind == .positional {
            repeat {
                guard let index = rest.popFirst(), case .value(let text) = words[index] else { return }
                try take(text, for: argument, named: nil)
                used.insert(Place(word: index))
            } while argument.isRepeating
        }
    }

    private mutating func take(
        _ text: String,
        for argument: ArgumentDefinition,
        named name: ArgumentName?
    ) throws(UsageProblem) {
        do {
            values[argument.property.slot, default: []].append(try argument.convert(text))
        } catch {
            throw .invalidValue(text, name, argument, error is NoSuchValue ? nil : "\(error)")
        }
    }

    private func isUnusedValue(_ index: Int) -> Bool {
        guard case .value = words[index] else { return false }
        return !used.contains(Place(word: index))
    }

    /// The names that match no argument of the command.
    var unusedNames: [ArgumentName] {
        words.enumerated().flatMap { index, word in
            switch word {
            case .pack(let letters):
                letters.enumerated().filter { !used.contains(Place(word: index, letter: $0.offset)) }
                    .map { ArgumentName.short($0.element) }
            default: used.contains(Place(word: index)) ? [] : word.names
            }
        }
    }

    /// The first unknown name as written; a group with only unknown letters counts as one name.
    var firstUnknownName: ArgumentName? {
        for (index, word) in words.enumerated() {
            guard case .pack(let letters) = word else {
                if let name = word.names.first, !used.contains(Place(word: index)) { return name }
                continue
            }
            let unknown = letters.indices.filter { !used.contains(Place(word: index, letter: $0)) }
            if unknown.count == letters.count { return .longWithOneDash(String(letters)) }
            if let first = unknown.first { return .short(letters[first]) }
        }
        return nil
    }

    /// The first required argument that is missing.
    var firstMissing: ArgumentDefinition? {
        command.arguments.first { !$0.isOptional && values[$0.property.slot] == nil }
    }

    /// The values that match no argument.
    var unusedValues: [String] {
        words.indices.compactMap { index in
            guard isUnusedValue(index), case .value(let text) = words[index] else { return nil }
            return text
        }
    }
}
