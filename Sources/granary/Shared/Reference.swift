// SPDX-License-Identifier: Apache-2.0

import CommandLine

/// `granary reference FORM`, which generates the documentation.
struct Reference: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the man page, or the command reference in Markdown.",
        discussion: """
            Example:
              granary reference man > /usr/local/share/man/man1/granary.1
            """,
        shouldDisplay: false
    )

    enum Form: String, CaseIterable, ExpressibleByArgument {
        case man, markdown
    }

    @Argument(help: "The format: man or markdown.")
    var form: Form

    func run() async throws {
        let page =
            switch form {
            case .man: Granary.manualPage()
            case .markdown:
                "# Commands\n\n`make docs` writes this page from the commands' own help.\n\n" + Granary.referencePage()
            }
        try await reportingFailures { try StandardStream.standardOutput.print(page) }
    }
}
