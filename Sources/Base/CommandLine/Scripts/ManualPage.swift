// SPDX-License-Identifier: Apache-2.0

extension ParsableCommand {
    /// Returns a manual page for this command and its descendants (section 1, in `man` macros).
    package static func manualPage() -> String {
        let root = CommandPath(definitions: [CommandDefinition(Self.self)])
        let name = root.command.name
        let lines =
            [
                ".TH \(name.uppercased()) 1 \"\" \"\(name) \(root.command.version)\" \"User Commands\"",
                ".SH NAME", "\(name.roff) \\- \(root.command.abstract.roff)",
                ".SH SYNOPSIS", ".B \(HelpText(path: root.definitions).usage.roff)",
                ".SH DESCRIPTION",
            ] + root.discussion.dropFirst() + [".SH OPTIONS"] + root.entries + [".SH COMMANDS"]
            + root.all.dropFirst().flatMap(\.roffSection)
        return lines.joined(separator: "\n") + "\n"
    }
}

extension CommandPath {
    fileprivate var roffSection: [String] {
        [".SS \(text.roff)", command.abstract.roff, ".PP", ".B \(HelpText(path: definitions).usage.roff)"]
            + discussion + (subcommands.isEmpty ? entries : [])
    }

    fileprivate var discussion: [String] {
        Discussion(command.discussion).blocks.flatMap { block in
            switch block {
            case .paragraph(let text): [".PP", text.roff]
            case .verbatim(let lines): [".PP", ".RS 4", ".nf"] + lines.map(\.roff) + [".fi", ".RE"]
            }
        }
    }

    /// The help entries, each with its description.
    fileprivate var entries: [String] {
        HelpText(path: definitions).sections
            .filter { $0.title != "SUBCOMMANDS" }
            .flatMap(\.entries)
            .flatMap { [".TP", "\\fB\($0.label.roff)\\fR", $0.abstract.roff].filter { !$0.isEmpty } }
    }
}

extension String {
    /// The text with special characters escaped for roff.
    fileprivate var roff: String {
        var result = hasPrefix(".") || hasPrefix("'") ? "\\&" : ""
        for character in self {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "…": result += "..."
            default: result.append(character)
            }
        }
        return result
    }
}
