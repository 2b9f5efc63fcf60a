// SPDX-License-Identifier: Apache-2.0

/// The shells with completion support.
package enum CompletionShell: String, CaseIterable, ExpressibleByArgument {
    case bash, zsh, fish
}

extension ParsableCommand {
    /// Returns a script that completes this command, its subcommands and their arguments.
    package static func completionScript(for shell: CompletionShell) -> String {
        let root = CommandDefinition(Self.self)
        return switch shell {
        case .bash: BashScript(root: root).text
        case .zsh: ZshScript(root: root).text
        case .fish: FishScript(root: root).text
        }
    }
}

/// A command and its parents, for scripts.
struct CommandPath {
    /// The commands from the root to this one.
    let definitions: [CommandDefinition]

    var command: CommandDefinition { definitions[definitions.count - 1] }

    /// The names of the commands.
    var text: String { definitions.map(\.name).joined(separator: " ") }

    var subcommands: [CommandPath] {
        command.subcommands.filter(\.shouldDisplay).map { CommandPath(definitions: definitions + [$0]) }
    }

    /// This command and all its descendants.
    var all: [CommandPath] { [self] + subcommands.flatMap(\.all) }

    /// The options and flags, with the standard ones last.
    var named: [ArgumentDefinition] {
        func flag(_ names: [ArgumentName], _ help: ArgumentHelp) -> ArgumentDefinition {
            let property = PropertyKey(name: "", slot: -1, section: "")
            return ArgumentDefinition(kind: .flag, property: property, names: names, help: help, isOptional: true) {
                $0
            }
        }
        let version = definitions.contains { !$0.version.isEmpty }
        return command.arguments.filter { $0.kind != .positional }
            + (version ? [flag([CommandParser.versionName], "Show the version.")] : [])
            + [flag(CommandParser.helpNames, "Show help information.")]
    }

    var positionals: [ArgumentDefinition] {
        command.arguments.filter { $0.kind == .positional }
    }
}
