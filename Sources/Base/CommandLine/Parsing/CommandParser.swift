// SPDX-License-Identifier: Apache-2.0

/// A parser that selects a command and assigns values to its properties.
struct CommandParser {
    let root: CommandDefinition

    /// The parsed request.
    enum Request {
        /// Run the last command of the path, with values for the slots of its properties.
        case run([CommandDefinition], [Int: [any Sendable]])
        /// Show the help of the last command of the path.
        case help([CommandDefinition])
        case version(String)
    }

    static let helpNames: [ArgumentName] = [.short("h"), .long("help")]
    static let versionName = ArgumentName.long("version")

    /// Parses the words after the program name.
    func parse(_ arguments: [String]) throws(UsageError) -> Request {
        let words: [ArgumentWord]
        do {
            words = try ArgumentWord.words(of: arguments)
        } catch {
            throw UsageError(path: [root], problem: error)
        }
        var path = [root]
        var rest = words[...]
        while let last = path.last, case .value(let name)? = rest.first {
            if path.count == 1, !root.subcommands.isEmpty, name == "help" { return try help(rest.dropFirst()) }
            guard let next = last.subcommand(named: name) else { break }
            path.append(next)
            rest = rest.dropFirst()
        }
        do {
            return try parse(Array(rest), path)
        } catch {
            throw UsageError(path: path, problem: error)
        }
    }

    private func parse(_ words: [ArgumentWord], _ path: [CommandDefinition]) throws(UsageProblem) -> Request {
        guard let command = path.last else { return .help([root]) }
        var reader = ArgumentReader(words, of: command)
        try reader.readOptions()
        try reader.readPositionals()
        let unknown = reader.unusedNames
        if unknown.contains(where: Self.helpNames.contains) { return .help(path) }
        let version = path.last { !$0.version.isEmpty }?.version
        if let version, unknown.contains(Self.versionName) { return .version(version) }
        if let name = reader.firstUnknownName {
            let known = command.arguments.flatMap(\.names) + Self.helpNames + (version == nil ? [] : [Self.versionName])
            throw .unknownOption(name, known: known)
        }
        if let missing = reader.firstMissing { throw .missing(missing) }
        let extra = reader.unusedValues
        if let first = extra.first {
            let commands = command.subcommands.filter(\.shouldDisplay).map(\.name)
            throw extra.count == 1 || !commands.isEmpty ? .unexpected(first, known: commands) : .unexpectedValues(extra)
        }
        return command.subcommands.isEmpty ? .run(path, reader.values) : .help(path)
    }

    /// Handles `granary help admin user`; words after the command names are ignored.
    private func help(_ words: ArraySlice<ArgumentWord>) throws(UsageError) -> Request {
        var path = [root]
        for word in words {
            guard case .value(let name) = word, let next = path.last?.subcommand(named: name) else { break }
            path.append(next)
        }
        for case .option(let name, _) in words where !Self.helpNames.contains(name) {
            throw UsageError(path: [root], problem: .unknownOption(name, known: Self.helpNames))
        }
        return .help(path)
    }
}
