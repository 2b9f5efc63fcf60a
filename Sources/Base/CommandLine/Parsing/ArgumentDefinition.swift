// SPDX-License-Identifier: Apache-2.0

/// One thing that can be written on a command line.
struct ArgumentDefinition: Sendable {
    enum Kind: Sendable {
        /// A name alone.
        case flag
        /// A name and a value.
        case option
        /// A value alone.
        case positional
    }

    let kind: Kind
    let property: PropertyKey
    /// Of a flag or an option, short ones first.
    let names: [ArgumentName]
    let abstract: String
    /// What stands for the value in the help.
    let valueName: String
    let isOptional: Bool
    /// Whether each further value counts, too.
    let isRepeating: Bool
    /// The default as the help shows it; empty for none.
    let defaultDescription: String
    /// The words that stand for values, when the type lists them.
    let allValues: [String]
    let completion: CompletionKind
    /// The value of a word, or of the flag itself.
    let convert: @Sendable (String) throws -> any Sendable

    init(
        kind: Kind,
        property: PropertyKey,
        names: [ArgumentName],
        help: ArgumentHelp?,
        isOptional: Bool,
        isRepeating: Bool = false,
        defaultDescription: String? = nil,
        allValues: [String] = [],
        completion: CompletionKind = .automatic,
        convert: @escaping @Sendable (String) throws -> any Sendable
    ) {
        self.kind = kind
        self.property = property
        self.names = names
        abstract = help?.abstract ?? ""
        let longName = names.lazy.compactMap { if case .long(let word) = $0 { word } else { nil } }.first
        valueName = help?.valueName ?? longName ?? property.name.dashed
        self.isOptional = isOptional
        self.isRepeating = isRepeating
        self.defaultDescription = defaultDescription ?? ""
        self.allValues = allValues
        self.completion = completion
        self.convert = convert
    }

    /// The name that stands for it in messages.
    var preferredName: ArgumentName? { names.first { !$0.isShort } ?? names.first }
}

/// A command and what can be written after its name.
struct CommandDefinition: Sendable {
    let name: String
    let abstract: String
    let discussion: String
    let version: String
    let shouldDisplay: Bool
    /// In the order of their declaration; empty for a group.
    let arguments: [ArgumentDefinition]
    let subcommands: [CommandDefinition]
    /// Makes the command itself.
    let make: @Sendable () -> any ParsableCommand

    init<Command: ParsableCommand>(_ type: Command.Type) {
        let configuration = type.configuration
        name = configuration.commandName ?? "\(type)".dashed
        abstract = configuration.abstract
        discussion = configuration.discussion
        version = configuration.version
        shouldDisplay = configuration.shouldDisplay
        make = { Command() }
        var arguments: [ArgumentDefinition] = []
        Command().forEachProperty { arguments += $0.definitions(for: $1) }
        self.arguments = arguments
        subcommands = configuration.subcommands.map { CommandDefinition($0) }
        precondition(arguments.isEmpty || subcommands.isEmpty, "\(name) has subcommands and arguments of its own")
    }

    func subcommand(named name: String) -> CommandDefinition? {
        subcommands.first { $0.name == name }
    }

    func argument(named name: ArgumentName) -> ArgumentDefinition? {
        arguments.first { $0.names.contains(name) }
    }
}
