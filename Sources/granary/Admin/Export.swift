// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryServer

/// `granary admin export FILE`.
struct Export: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write all accounts and packages, but no content, into a file.",
        discussion: """
            With it a registry moves to another database. The file holds the hashes of
            passwords and tokens: keep it secret. It can be read by its owner only.

            Examples:
              granary admin export registry.jsonl
              granary admin export - | gzip > registry.jsonl.gz
            """
    )

    @Argument(help: "The new file, or - for standard output.", completion: .files)
    var file: String

    @OptionGroup
    var options: AdminOptions

    func openOutput() throws -> AdminOutput {
        file == "-" ? AdminOutput() : try .file(file)
    }

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let rows = try await context.registry.export { try await context.conversation.say(.output($0)) }
        try await context.conversation.say(.errors("exported \(MaintenanceArgument.count(rows, "row"))\n"))
        return .silent
    }
}
