// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryServer

/// `granary admin export FILE`.
struct Export: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Export all accounts and packages, without content, to a file.",
        discussion: """
            Use an export to move a registry to another database. The file contains hashes of
            passwords and tokens: keep it secret. Only its owner can read it.

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
