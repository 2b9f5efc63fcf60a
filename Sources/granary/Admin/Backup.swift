// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryServer
import RegistryService

/// `granary admin backup DIR`.
struct Backup: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Copy everything into a folder, while the registry is used.",
        discussion: """
            The folder gets an export and the content that belongs to it, each byte checked.
            A folder with an earlier backup is brought up to date: only new content is copied.
            The folder holds the hashes of passwords and tokens: keep it secret.

            Example:
              granary admin backup /backup/granary
            """
    )

    @Argument(help: "The folder; it is made when it is missing.", completion: .directories)
    var folder: String

    @OptionGroup
    var options: AdminOptions

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let backUp = try context.registry.backUp(to: context.conversation.path(folder))
        let summary = try await backUp.run { problem in
            try await context.conversation.say(.errors("granary: \(problem)\n"))
        } progress: { content in
            try await context.conversation.progress { content.progress }
        }
        return AdminOutcome(
            CopyRecord(summary.content, rows: summary.rows, removed: summary.removed),
            text: "backed up \(MaintenanceArgument.count(summary.rows, "row")); \(summary.content.text)"
                + (summary.removed > 0 ? ", \(summary.removed) not needed any more removed" : ""),
            status: summary.content.problems == 0 ? .done : .verificationFailed
        )
    }
}
