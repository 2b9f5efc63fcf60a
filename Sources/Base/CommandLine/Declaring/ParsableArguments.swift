// SPDX-License-Identifier: Apache-2.0

/// A type whose arguments are declared as properties: `@Argument`, `@Option`, `@Flag`, `@OptionGroup` and `@OptionList`.
package protocol ParsableArguments: Sendable {
    /// Creates a value whose properties have their defaults.
    init()
}

/// A command, or a group of commands.
///
/// A group lists `subcommands` in its configuration and has no arguments. Without a subcommand, it shows its help.
package protocol ParsableCommand: ParsableArguments {
    static var configuration: CommandConfiguration { get }

    /// Checks the arguments in combination; throws a `ValidationError` when they are inconsistent.
    func validate() throws

    /// Executes the command.
    ///
    /// An `ExitCode` ends the process with that status; other errors are printed.
    func run() async throws
}

extension ParsableCommand {
    package func validate() throws {}
    package func run() async throws {}
}

/// The help and the subcommands of a command.
package struct CommandConfiguration: Sendable {
    /// The name on the command line; nil for the type's name in lower case, with dashes between words.
    package let commandName: String?
    /// A one-line description.
    package let abstract: String
    /// A longer description with an example.
    package let discussion: String
    /// The output of `--version`; empty for no such flag.
    package let version: String
    /// Whether the parent's help lists the command.
    package let shouldDisplay: Bool
    package let subcommands: [any ParsableCommand.Type]

    package init(
        commandName: String? = nil,
        abstract: String = "",
        discussion: String = "",
        version: String = "",
        shouldDisplay: Bool = true,
        subcommands: [any ParsableCommand.Type] = []
    ) {
        self.commandName = commandName
        self.abstract = abstract
        self.discussion = discussion
        self.version = version
        self.shouldDisplay = shouldDisplay
        self.subcommands = subcommands
    }
}
