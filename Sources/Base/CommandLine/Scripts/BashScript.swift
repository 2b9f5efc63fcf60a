// SPDX-License-Identifier: Apache-2.0

/// The completion script for bash 4 or later, without dependencies.
struct BashScript {
    let root: CommandDefinition

    private var paths: [CommandPath] { CommandPath(definitions: [root]).all }
    private var function: String { "_" + root.name.identifier }

    var text: String {
        """
        # bash completion for \(root.name)

        \(function)() {
            local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD - 1]}" path=\(root.name) word
            # bash takes an equals sign for a word of its own.
            if [[ $cur == = ]]; then
                cur=""
            elif [[ $prev == = ]]; then
                prev="${COMP_WORDS[COMP_CWORD - 2]}"
            fi
            COMPREPLY=()
            for word in "${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
                case "$path $word" in
                \(paths.dropFirst().map { "'\($0.text)'" }.joined(separator: " | "))) path="$path $word" ;;
                esac
            done
            case "$path" in
        \(paths.map(branch).joined(separator: "\n"))
            esac
        }

        \(function)_words() {
            mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
        }

        \(function)_files() {
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen "$1" -- "$2")
        }

        complete -F \(function) \(root.name)

        """
    }

    /// Returns the completions for a command.
    private func branch(_ path: CommandPath) -> String {
        let options = path.named.filter { $0.kind == .option }.map { option in
            "        \(option.names.map(\.description).joined(separator: " | "))) \(values(of: option)) ;;"
        }
        let names = path.named.flatMap(\.names).map(\.description)
        let commands = path.subcommands.map(\.command.name)
        let place = path.positionals.first { $0.completion != .automatic || !$0.allValues.isEmpty }
        let lines =
            ["    '\(path.text)')", "        case \"$prev\" in"] + options + [
                "        *)",
                "            case \"$cur\" in",
                "            -*) \(words(names)) ;;",
                "            *) \(commands.isEmpty ? values(of: place) : words(commands)) ;;",
                "            esac",
                "            ;;",
                "        esac",
                "        ;;",
            ]
        return lines.map { "    " + $0 }.joined(separator: "\n")
    }

    private func values(of argument: ArgumentDefinition?) -> String {
        switch argument?.completion {
        case .files: "\(function)_files -f \"$cur\""
        case .directories: "\(function)_files -d \"$cur\""
        default: argument.map { $0.allValues.isEmpty ? ":" : words($0.allValues) } ?? ":"
        }
    }

    private func words(_ words: [String]) -> String {
        "\(function)_words '\(words.joined(separator: " "))' \"$cur\""
    }
}

extension String {
    /// The text with an underscore for each character that is invalid in shell names.
    var identifier: String {
        String(map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "_" })
    }

    /// The text in single quotes, for a POSIX shell.
    var shellQuoted: String {
        "'" + split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }
}
