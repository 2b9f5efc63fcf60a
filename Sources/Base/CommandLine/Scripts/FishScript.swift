// SPDX-License-Identifier: Apache-2.0

/// The completion script for fish 3 or later.
struct FishScript {
    let root: CommandDefinition

    private var paths: [CommandPath] { CommandPath(definitions: [root]).all }
    private var function: String { "__\(root.name.identifier)_at" }

    var text: String {
        """
        # fish completion for \(root.name)

        # Whether the command line has come to a command.
        function \(function)
            set -l path \(root.name)
            for word in (commandline -opc)[2..]
                switch "$path $word"
                    case \(paths.dropFirst().map(\.text.fishQuoted).joined(separator: " "))
                        set path "$path $word"
                end
            end
            test "$path" = "$argv[1]"
        end

        complete -c \(root.name) -f
        \(paths.flatMap(lines).joined(separator: "\n"))

        """
    }

    private func lines(_ path: CommandPath) -> [String] {
        let start = "complete -c \(root.name) -n \("\(function) '\(path.text)'".fishQuoted)"
        let subcommands = path.subcommands.map { sub in
            "\(start) -a \(sub.command.name) -d \(sub.command.abstract.fishQuoted)"
        }
        let named = path.named.map { argument in
            let names = argument.names.map { name in
                switch name {
                case .short(let letter): "-s \(letter)"
                case .long(let word), .longWithOneDash(let word): "-l \(word)"
                }
            }
            let description = argument.abstract.isEmpty ? "" : " -d \(argument.abstract.fishQuoted)"
            return "\(start) \(names.joined(separator: " "))\(values(of: argument))\(description)"
        }
        let places = path.positionals.compactMap { argument -> String? in
            if argument.completion == .files { return "\(start) -F" }
            if argument.completion == .directories { return "\(start) -a '(__fish_complete_directories)'" }
            return argument.allValues.isEmpty
                ? nil : "\(start) -a \(argument.allValues.joined(separator: " ").fishQuoted)"
        }
        return subcommands + named + places
    }

    private func values(of argument: ArgumentDefinition) -> String {
        guard argument.kind == .option else { return "" }
        return switch argument.completion {
        case .files: " -r -F"
        case .directories: " -x -a '(__fish_complete_directories)'"
        case .automatic:
            argument.allValues.isEmpty ? " -x" : " -x -a \(argument.allValues.joined(separator: " ").fishQuoted)"
        }
    }
}

extension String {
    /// The text in single quotes, with backslashes and quotes escaped.
    fileprivate var fishQuoted: String {
        var result = "'"
        for character in self {
            if character == "'" || character == "\\" { result += "\\" }
            result.append(character)
        }
        return result + "'"
    }
}
