// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import CommandLine

@Suite("manual and reference", .timeLimit(.minutes(15)))
struct ReferenceTests {
    @Test("a discussion is made of paragraphs and of lines that stay as they are")
    func discussion() {
        let text = "One paragraph\nof two lines.\n\nExample:\n  depot put\n    more\nAnother.\n\n  alone\n\n  again"
        #expect(
            Discussion(text).blocks == [
                .paragraph("One paragraph of two lines."), .paragraph("Example:"), .verbatim(["depot put", "  more"]),
                .paragraph("Another."), .verbatim(["alone"]), .verbatim(["again"]),
            ]
        )
        #expect(Discussion("").blocks.isEmpty)
    }

    @Test("both name every command that is shown, and every argument")
    func everything() {
        let (reference, manual) = (Depot.referencePage(), Depot.manualPage())
        for command in ["depot fetch", "depot put", "depot user update", "depot many"] {
            #expect(reference.contains("## \(command)\n"))
            #expect(manual.contains(".SS \(command)\n"))
        }
        #expect(reference.contains("| `-o, --output <dir>` | The folder. |"))
        #expect(manual.contains("\\fB\\-o, \\-\\-output <dir>\\fR\nThe folder.\n"))
        #expect(reference.contains("(values: text, json; default: text)"))
        #expect(!reference.contains("hidden") && !manual.contains("hidden"))
    }

    @Test("marks of the page's language in a text are only text")
    func escapes() {
        let (reference, manual) = (Marked.referencePage(headingLevel: 3), Marked.manualPage())
        #expect(reference.hasPrefix("### marked\n\n\\*a\\_b\\* \\<c\\>\n"))
        #expect(reference.contains("| `<dir|file>` |".replacing("|file", with: "\\|file")))
        #expect(manual.contains("\n\\&.not a \\e macro\n"))
    }

    private struct Marked: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "*a_b* <c>", discussion: ".not a \\ macro")
        @Argument(help: ArgumentHelp("Where.", valueName: "dir|file")) var place: String
    }
}
