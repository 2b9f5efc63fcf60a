// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CommandLine

@Suite("options from a list", .timeLimit(.minutes(15)))
struct OptionListTests {
    /// The same options twice, from a list and from properties.
    private struct Listed: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "pack")
        @Option(help: "The name.") var name: String?
        @OptionGroup(title: "Contents") var contents: Contents

        struct Contents: ParsableArguments {
            @OptionList([
                OptionDeclaration(
                    "root-folder",
                    help: ArgumentHelp("The root.", valueName: "dir"),
                    completion: .directories
                ),
                OptionDeclaration("note", help: "The notes.", isRepeatable: true),
            ])
            var values: [String: [String]]
        }
    }

    private struct Written: ParsableCommand {
        static let configuration = CommandConfiguration(commandName: "pack")
        @Option(help: "The name.") var name: String?
        @OptionGroup(title: "Contents") var contents: Contents

        struct Contents: ParsableArguments {
            @Option(help: ArgumentHelp("The root.", valueName: "dir"), completion: .directories) var rootFolder: String?
            @Option(help: "The notes.") var note: [String] = []
        }
    }

    private func values(_ arguments: String...) throws -> [String: [String]] {
        try #require(try Listed.parseAsRoot(arguments) as? Listed).contents.values
    }

    @Test("have the last value, or all if they are repeatable")
    func given() throws {
        #expect(try values() == [:])
        #expect(try values("--note=", "--name", "x") == ["note": [""]])
        let all = try values("--root-folder", "a", "--note", "b", "--root-folder=c", "--note", "d")
        #expect(all == ["root-folder": ["c"], "note": ["b", "d"]])
        #expect(throws: (any Error).self) { try values("--root-folder") }
    }

    @Test("are shown like options of properties")
    func shown() {
        let listed = HelpText(path: [CommandDefinition(Listed.self)])
        let written = HelpText(path: [CommandDefinition(Written.self)])
        #expect(listed.text(columns: 80) == written.text(columns: 80))
        #expect(Listed.manualPage() == Written.manualPage())
        #expect(Listed.referencePage() == Written.referencePage())
        for shell in CompletionShell.allCases {
            #expect(Listed.completionScript(for: shell) == Written.completionScript(for: shell))
        }
    }
}
