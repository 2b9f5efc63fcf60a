// SPDX-License-Identifier: Apache-2.0

/// The help of a command.
struct HelpText {
    /// The commands from the root to the described one.
    let path: [CommandDefinition]

    /// An entry of a section: the syntax and its description.
    struct Entry: Equatable {
        let label: String
        let abstract: String
    }

    struct Section: Equatable {
        let title: String
        let entries: [Entry]
    }

    /// The names of the commands: `granary admin user`.
    var program: String { path.map(\.name).joined(separator: " ") }

    private var command: CommandDefinition { path[path.count - 1] }

    /// The usage line.
    var usage: String {
        guard command.subcommands.isEmpty else { return program + " <subcommand>" }
        let arguments = command.arguments
        guard arguments.count > 12 else { return ([program] + arguments.map(\.synopsis)).joined(separator: " ") }
        // With many arguments, the line shows only required and positional ones.
        let needed = arguments.filter { $0.kind == .positional || !$0.isOptional }
        guard (1...12).contains(needed.count) else { return program + " <options>" }
        return ([program, "[<options>]"] + needed.map(\.synopsis)).joined(separator: " ")
    }

    /// Returns the complete help, wrapped to a number of columns.
    func text(columns: Int) -> String {
        let overview = [command.abstract, command.discussion].filter { !$0.isEmpty }.joined(separator: "\n\n")
        let start = overview.isEmpty ? "" : "OVERVIEW: \(overview)".wrapped(to: columns) + "\n\n"
        let sections = sections.map { section in
            "\(section.title):\n" + section.entries.map { $0.text(columns: columns) }.joined()
        }
        return start + "USAGE: \(usage)\n\n" + sections.joined(separator: "\n") + hint
    }

    /// The reference to a subcommand's help; empty for a command without subcommands.
    private var hint: String {
        guard !command.subcommands.isEmpty, let root = path.first?.name else { return "" }
        let names = [root, "help"] + path.dropFirst().map(\.name)
        return "\n  See '\(names.joined(separator: " ")) <subcommand>' for detailed help."
    }

    /// The sections of the help, by kind.
    var sections: [Section] {
        let arguments = command.arguments
        let titles = arguments.map(\.property.section).filter { !$0.isEmpty }
        let named = arguments.filter { $0.kind != .positional }
        var sections = [Section(title: "ARGUMENTS", entries: Self.entries(arguments.filter { $0.kind == .positional }))]
        for title in titles where !sections.contains(where: { $0.title == title.uppercased() }) {
            sections.append(
                Section(
                    title: title.uppercased(),
                    entries: Self.entries(named.filter { $0.property.section == title })
                )
            )
        }
        sections.append(
            Section(
                title: "OPTIONS",
                entries: Self.entries(named.filter { $0.property.section.isEmpty }) + standardEntries
            )
        )
        let subcommands = command.subcommands.filter(\.shouldDisplay)
        sections.append(
            Section(title: "SUBCOMMANDS", entries: subcommands.map { Entry(label: $0.name, abstract: $0.abstract) })
        )
        return sections.filter { !$0.entries.isEmpty }
    }

    private var standardEntries: [Entry] {
        let version = Entry(label: "\(CommandParser.versionName)", abstract: "Show the version.")
        let help = CommandParser.helpNames.map(\.description).joined(separator: ", ")
        return (path.contains { !$0.version.isEmpty } ? [version] : [])
            + [Entry(label: help, abstract: "Show help information.")]
    }

    /// Returns one entry per property; the flags of a property share one.
    private static func entries(_ arguments: [ArgumentDefinition]) -> [Entry] {
        var entries: [Entry] = []
        var rest = arguments[...]
        while let first = rest.first {
            let same = rest.prefix { $0.property.slot == first.property.slot }
            rest = rest.dropFirst(same.count)
            entries.append(Entry(label: same.map(\.label).joined(separator: "/"), abstract: first.description))
        }
        return entries
    }
}

extension HelpText.Entry {
    /// The column at which descriptions begin.
    private static let column = 26

    fileprivate func text(columns: Int) -> String {
        let start = "  " + label
        guard !abstract.isEmpty else { return start + "\n" }
        let description = abstract.wrapped(to: columns, indent: Self.column)
        return start.count < Self.column
            ? start + description.dropFirst(start.count) + "\n"
            : start + "\n" + description + "\n"
    }
}
