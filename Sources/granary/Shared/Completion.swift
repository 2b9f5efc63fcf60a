// SPDX-License-Identifier: Apache-2.0

import CommandLine

/// `granary completion SHELL`.
struct Completion: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a shell completion script.",
        discussion: """
            Examples:
              granary completion bash > /etc/bash_completion.d/granary
              granary completion zsh > /usr/local/share/zsh/site-functions/_granary
              granary completion fish > ~/.config/fish/completions/granary.fish
            """
    )

    @Argument(help: "The shell: bash, zsh or fish.")
    var shell: CompletionShell

    func run() async throws {
        try await reportingFailures {
            try StandardStream.standardOutput.print(Granary.completionScript(for: shell))
        }
    }
}
