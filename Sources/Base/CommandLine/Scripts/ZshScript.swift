// SPDX-License-Identifier: Apache-2.0

/// The completion script for zsh, to be sourced or installed as `_NAME` in a folder of `fpath`.
struct ZshScript {
    let root: CommandDefinition

    var text: String {
        let path = CommandPath(definitions: [root])
        return """
            #compdef \(root.name)

            \(path.all.map(function).joined(separator: "\n"))
            if [[ $funcstack[1] == \(name(path)) ]]; then
                \(name(path)) "$@"
            else
                compdef \(name(path)) \(root.name)
            fi

            """
    }

    private func name(_ path: CommandPath) -> String { "_" + path.text.identifier }

    private func function(_ path: CommandPath) -> String {
        path.subcommands.isEmpty ? command(path) : group(path)
    }

    private func command(_ path: CommandPath) -> String {
        let specifications = path.named.map(specification) + path.positionals.map(specification)
        return """
            \(name(path))() {
                _arguments -s -S \\
            \(specifications.map { "        \($0)" }.joined(separator: " \\\n"))
            }

            """
    }

    private func group(_ path: CommandPath) -> String {
        let commands = path.subcommands.map { sub in
            "        " + "\(sub.command.name):\(sub.command.abstract)".shellQuoted
        }
        let cases = path.subcommands.map { "            \($0.command.name)) \(name($0)) ;;" }
        return """
            \(name(path))() {
                local context state state_descr line
                typeset -A opt_args
                local -a commands=(
            \(commands.joined(separator: "\n"))
                )
                _arguments -s -S -C \\
            \(path.named.map { "        \(specification($0))" }.joined(separator: " \\\n")) \\
                    '1: :->command' '*:: :->rest'
                case $state in
                    command) _describe -t commands command commands ;;
                    rest)
                        case $line[1] in
            \(cases.joined(separator: "\n"))
                        esac
                        ;;
                esac
            }

            """
    }

    /// Returns an argument's specification for `_arguments`.
    private func specification(_ argument: ArgumentDefinition) -> String {
        let help = "[\(argument.abstract.zshEscaped)]"
        switch argument.kind {
        case .positional:
            let mark = argument.isRepeating ? "*" : argument.isOptional ? ":" : ""
            return "\(mark):\(argument.valueName.zshEscaped):\(values(of: argument))".shellQuoted
        case .flag: return names(of: argument, suffix: "", help)
        case .option:
            return names(of: argument, suffix: "=", help + ":\(argument.valueName.zshEscaped):\(values(of: argument))")
        }
    }

    /// Returns one specification per name; synonyms exclude each other unless the argument is repeatable.
    private func names(of argument: ArgumentDefinition, suffix: String, _ rest: String) -> String {
        let all = argument.names.map(\.description)
        let exclusion = argument.isRepeating ? "*" : "(\(all.joined(separator: " ")))"
        let spelled = argument.names.map { $0.description + ($0.isShort ? "" : suffix) }
        return spelled.map { "\(exclusion)\($0)\(rest)".shellQuoted }.joined(separator: " \\\n        ")
    }

    private func values(of argument: ArgumentDefinition) -> String {
        switch argument.completion {
        case .files: "_files"
        case .directories: "_files -/"
        case .automatic:
            argument.allValues.isEmpty ? " " : "(\(argument.allValues.map(\.zshEscaped).joined(separator: " ")))"
        }
    }
}

extension String {
    /// The text with brackets, colons and backslashes escaped.
    fileprivate var zshEscaped: String {
        var result = ""
        for character in self {
            if "[]:\\".contains(character) { result += "\\" }
            result.append(character)
        }
        return result
    }
}
