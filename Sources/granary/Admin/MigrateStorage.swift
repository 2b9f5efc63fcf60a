// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryServer
import RegistryService

/// `granary admin migrate-storage`.
struct MigrateStorage: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate-storage",
        abstract: "Copy all content from the previous store to the current one.",
        discussion: """
            To move content without downtime, configure the new store as blobs and the
            old one as blobs-fallback, restart, and run this command. Remove
            blobs-fallback after it succeeds. All content is verified. Rerun an
            interrupted command.

            Example:
              granary admin migrate-storage --config granary.yaml
            """
    )

    @OptionGroup
    var options: AdminOptions

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        guard let migrateContent = context.registry.migrateContent else {
            throw RegistryError.invalid(
                "no previous store to copy from: set blobs-fallback in the configuration, restart, and try again"
            )
        }
        let content = try await migrateContent.run { problem in
            try await context.conversation.say(.errors("granary: \(problem)\n"))
        } progress: { content in
            try await context.conversation.progress { content.progress }
        }
        let next = content.problems == 0 ? "; blobs-fallback can be removed from the configuration" : ""
        return AdminOutcome(
            CopyRecord(content),
            text: content.text + next,
            status: content.problems == 0 ? .done : .verificationFailed
        )
    }
}
