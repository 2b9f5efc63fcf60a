// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Glibc
import RegistryCore

/// The root of all commands.
@main
struct Granary: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A self-hosted registry for generic packages, and its client.",
        discussion: """
            Start a registry:
              granary serve --data ./granary-data
            Publish a file and fetch it again:
              granary login http://127.0.0.1:3000 --token-file token.txt
              granary publish admin/hello@1.0.0 hello.tar.gz
              granary download admin/hello@1.0.0

            \(ExitStatus.help)
            """,
        version: ProgramVersion.current,
        subcommands: [Serve.self, AdminCommand.self] + ClientCommands.all + [Completion.self, Reference.self]
    )

    static func main() async {
        StandardStream.openMissing()
        if let complaint = MalformedText.complaint() {
            Terminal.complain(complaint)
            exit(ExitStatus.usage.rawValue)
        }
        await Interruption.run { await main(Swift.CommandLine.arguments.dropFirst()) }
    }
}
