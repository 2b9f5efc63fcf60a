// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryServer

/// `granary reference FORM`, which generates the documentation.
struct Reference: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the man page, or a reference page of commands or settings in Markdown.",
        discussion: """
            Example:
              granary reference man > /usr/local/share/man/man1/granary.1
            """,
        shouldDisplay: false
    )

    enum Form: String, CaseIterable, ExpressibleByArgument {
        case man, markdown, configuration
    }

    @Argument(help: "The page: man, markdown (the commands) or configuration (the settings).")
    var form: Form

    func run() async throws {
        let page =
            switch form {
            case .man: Granary.manualPage()
            case .markdown:
                "# Commands\n\n`make docs` writes this page from the commands' own help.\n\n" + Granary.referencePage()
            case .configuration: Setting.referencePage
            }
        try await reportingFailures { try StandardStream.standardOutput.print(page) }
    }
}
