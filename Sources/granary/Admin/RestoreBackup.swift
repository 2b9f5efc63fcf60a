// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryServer
import RegistryService

/// `granary admin restore DIR`.
struct RestoreBackup: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Restore a backup into a new registry.",
        discussion: """
            The command copies and verifies the content first. Then all accounts and
            packages become visible atomically. Rerun an interrupted command.

            Example:
              granary admin restore /backup/granary --data ./new-data
            """
    )

    @Argument(help: "The folder that granary admin backup wrote.", completion: .directories)
    var folder: String

    @OptionGroup
    var options: AdminOptions

    var fillsNewRegistry: Bool { true }

    func openDirectory() throws -> DataDirectory { try .prepare(try options.dataDirectory()) }

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let restore = try context.registry.restore(from: context.conversation.path(folder))
        let (rows, content) = try await restore.run { problem in
            try await context.conversation.say(.errors("granary: \(problem)\n"))
        } progress: { content in
            try await context.conversation.progress { content.progress }
        }
        context.registry.forgetAll()
        return AdminOutcome(
            CopyRecord(content, rows: rows),
            text: "restored \(MaintenanceArgument.count(rows, "row")); \(content.text)",
            status: content.problems == 0 ? .done : .verificationFailed
        )
    }
}
