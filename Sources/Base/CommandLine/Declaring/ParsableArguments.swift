// SPDX-License-Identifier: Apache-2.0

/// Arguments that are declared as properties: `@Argument`, `@Option`, `@Flag` and `@OptionGroup`.
package protocol ParsableArguments: Sendable {
    /// Makes a value whose properties have their defaults.
    init()
}

/// A command, or a group of commands.
///
/// A group has `subcommands` in its configuration, has no arguments of its own, and shows its help when no subcommand is named.
package protocol ParsableCommand: ParsableArguments {
    static var configuration: CommandConfiguration { get }

    /// Checks what the arguments mean together; throws a `ValidationError` when it makes no sense.
    func validate() throws

    /// Does the work.
    ///
    /// An `ExitCode` that is thrown ends the process with it; other errors are printed.
    func run() async throws
}

extension ParsableCommand {
    package func validate() throws {}
    package func run() async throws {}
}

/// What the help says about a command, and which commands it has.
package struct CommandConfiguration: Sendable {
    /// The name on the command line; nil for the type's name in small letters, with a dash before each word.
    package let commandName: String?
    /// What it does, in one line.
    package let abstract: String
    /// More about it, with an example.
    package let discussion: String
    /// What `--version` prints; empty for no such flag.
    package let version: String
    /// Whether the help lists it.
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
