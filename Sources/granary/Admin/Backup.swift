// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryServer
import RegistryService

/// `granary admin backup DIR`.
struct Backup: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Back up the registry to a folder.",
        discussion: """
            The backup can run while the registry is in use. The folder receives an export and
            all verified content. In a folder with an earlier backup, only new content is copied.
            The folder contains hashes of passwords and tokens: keep it secret.

            Example:
              granary admin backup /backup/granary
            """
    )

    @Argument(help: "The folder; created if it does not exist.", completion: .directories)
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
                + (summary.removed > 0 ? ", removed \(summary.removed) no longer needed" : ""),
            status: summary.content.problems == 0 ? .done : .verificationFailed
        )
    }
}
