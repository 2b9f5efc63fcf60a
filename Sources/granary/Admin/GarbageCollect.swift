// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryServer
import RegistryService
import RegistryStorage

/// `granary admin gc`.
struct GarbageCollect: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Remove unreferenced content.",
        discussion: """
            A running server does this automatically: content of deleted files within a
            minute, remains of failed uploads once a day.

            Examples:
              granary admin gc
              granary admin gc --dry-run --grace 1h
            """
    )

    @Flag(help: "Print what would be removed, and remove nothing.")
    var dryRun = false

    @Option(
        help: ArgumentHelp(MaintenanceArgument.graceHelp, valueName: "time"),
        transform: MaintenanceArgument.grace
    )
    var grace: Duration?

    @Flag(help: "Remove orphaned content even if the registry does not know most of the store's content.")
    var force = false

    @OptionGroup
    var options: AdminOptions

    /// The found or removed content in the format of `--format json`.
    private struct Record: Encodable {
        let dryRun: Bool
        let deleted: Int
        let orphans: Int
        let orphanBytes: Int64
        let unfinishedUploads: Int
    }

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let registry = context.registry
        let deleted = try await dryRun ? registry.pendingRemovalCount() : registry.collectGarbage.run()
        func tell(_ content: StoredContent) async throws {
            let verb = dryRun ? "would remove" : "removed"
            try await context.say("\(verb) \(content.key), \(content.sizeInBytes) bytes", options.format)
            try await context.conversation.progress { "checking \(content.key.folder)…" }
        }
        let found =
            try await dryRun
            ? registry.removeOrphans.find(grace: grace ?? RemoveOrphans.grace, tell)
            : registry.removeOrphans.run(grace: grace ?? RemoveOrphans.grace, isForced: force, tell)
        let verb = dryRun ? "to remove" : "removed"
        return AdminOutcome(
            Record(
                dryRun: dryRun,
                deleted: deleted,
                orphans: found.orphans,
                orphanBytes: found.orphanBytes,
                unfinishedUploads: found.unfinished
            ),
            text: "\(verb): \(deleted) of deleted files, \(found.orphans) left by failed uploads "
                + "(\(found.orphanBytes) bytes), \(found.unfinished) unfinished"
        )
    }
}
