// SPDX-License-Identifier: Apache-2.0

/// An argument of a command, as the parser uses it.
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
    /// The names of a flag or an option, short ones first.
    let names: [ArgumentName]
    let abstract: String
    /// The placeholder for the value in the help.
    let valueName: String
    let isOptional: Bool
    /// Whether every further value is kept as well.
    let isRepeating: Bool
    /// The default as shown in the help; empty for none.
    let defaultDescription: String
    /// The valid words if the type lists them.
    let allValues: [String]
    let completion: CompletionKind
    /// Converts a word, or the flag itself, to a value.
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

    /// The name used in messages.
    var preferredName: ArgumentName? { names.first { !$0.isShort } ?? names.first }
}

/// A command and its arguments.
struct CommandDefinition: Sendable {
    let name: String
    let abstract: String
    let discussion: String
    let version: String
    let shouldDisplay: Bool
    /// The arguments in declaration order; empty for a group.
    let arguments: [ArgumentDefinition]
    let subcommands: [CommandDefinition]
    /// Creates the command itself.
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
        precondition(arguments.isEmpty || subcommands.isEmpty, "\(name) has both subcommands and arguments")
    }

    func subcommand(named name: String) -> CommandDefinition? {
        subcommands.first { $0.name == name }
    }

    func argument(named name: ArgumentName) -> ArgumentDefinition? {
        arguments.first { $0.names.contains(name) }
    }
}
