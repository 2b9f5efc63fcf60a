// SPDX-License-Identifier: Apache-2.0

extension ParsableCommand {
    /// Returns a Markdown page for this command and its descendants, with headings of the given level.
    package static func referencePage(headingLevel: Int = 2) -> String {
        CommandPath(definitions: [CommandDefinition(Self.self)]).all
            .map { $0.markdown(level: headingLevel) }
            .joined(separator: "\n")
    }
}

extension CommandPath {
    fileprivate func markdown(level: Int) -> String {
        let usage = "```\n\(HelpText(path: definitions).usage)\n```"
        let parts = [String(repeating: "#", count: level) + " " + text, command.abstract.markdown, usage]
        let discussion = Discussion(command.discussion).blocks.map { block in
            switch block {
            case .paragraph(let text): text.markdown
            case .verbatim(let lines): (["```"] + lines + ["```"]).joined(separator: "\n")
            }
        }
        return (parts + discussion + [table].filter { !$0.isEmpty }).joined(separator: "\n\n") + "\n"
    }

    /// A table of the arguments or subcommands, without the standard flags.
    private var table: String {
        let arguments = HelpText(path: definitions).sections
            .filter { $0.title != "SUBCOMMANDS" }
            .flatMap(\.entries)
            .filter { $0.label != "-h, --help" && $0.label != "--version" }
        let rows =
            arguments.map { "| `\($0.label.markdownCell)` | \($0.abstract.markdown.markdownCell) |" }
            + subcommands.map { "| `\($0.text)` | \($0.command.abstract.markdown.markdownCell) |" }
        return rows.isEmpty ? "" : (["| | |", "|---|---|"] + rows).joined(separator: "\n")
    }
}

extension String {
    /// The text with Markdown's special characters escaped.
    fileprivate var markdown: String {
        var result = ""
        for character in self {
            if "\\`*_<>".contains(character) { result += "\\" }
            result.append(character)
        }
        return result
    }

    fileprivate var markdownCell: String {
        split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
    }
}
