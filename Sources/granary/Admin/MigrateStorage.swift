// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryServer
import RegistryService

/// `granary admin migrate-storage`.
struct MigrateStorage: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate-storage",
        abstract: "Copy all content from the earlier store into the one that is used now.",
        discussion: """
            To move content while it is served: configure the new store as blobs and the old
            one as blobs-fallback, restart, run this command, and remove blobs-fallback when it
            has succeeded. Each byte is checked. When it is interrupted, run it again.

            Example:
              granary admin migrate-storage --config granary.yaml
            """
    )

    @OptionGroup
    var options: AdminOptions

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        guard let migrateContent = context.registry.migrateContent else {
            throw RegistryError.invalid(
                "there is no earlier store to copy from: set blobs-fallback in the configuration, restart, try again"
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
