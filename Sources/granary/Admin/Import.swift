// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryServer

/// `granary admin import FILE`.
struct Import: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Import the accounts and packages of an export into a new registry.",
        discussion: """
            The import is atomic. It rejects an export that is truncated or modified, and a
            registry that is already in use.

            Examples:
              granary admin import registry.jsonl --data ./new-data
              zcat registry.jsonl.gz | granary admin import - --config new.yaml
            """
    )

    @Argument(help: "The file that granary admin export wrote, or - for standard input.", completion: .files)
    var file: String

    @OptionGroup
    var options: AdminOptions

    /// The result of an import in the format of `--format json`.
    private struct Record: Encodable {
        let rows: Int
    }

    var fillsNewRegistry: Bool { true }

    func openDirectory() throws -> DataDirectory { try .prepare(try options.dataDirectory()) }

    func openInput() throws -> AdminInput {
        file == "-" ? .standard : try .file(file)
    }

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let rows = try await context.registry.importRows(context.conversation.input)
        return AdminOutcome(Record(rows: rows), text: "imported \(MaintenanceArgument.count(rows, "row"))")
    }
}
