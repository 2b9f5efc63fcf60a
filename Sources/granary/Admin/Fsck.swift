// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryMetadata
import RegistryServer
import RegistryService
import RegistryStorage

/// `granary admin fsck`.
struct Fsck: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck",
        abstract: "Check all content against the recorded digests.",
        discussion: """
            The check can run while files are published and deleted, and can be interrupted
            at any time. The exit status is 0 without problems, and 6 if there is a problem,
            even one that was repaired.

            --repair quarantines damaged content, so that it is no longer served. Publishing
            the correct bytes again under any name restores it.

            Examples:
              granary admin fsck
              granary admin fsck --quick --format json
            """
    )

    @Flag(help: "Compare sizes only, without reading the content.")
    var quick = false

    @Flag(help: "Quarantine damaged content, and schedule orphaned content for garbage collection.")
    var repair = false

    @Option(
        help: ArgumentHelp(MaintenanceArgument.graceHelp, valueName: "time"),
        transform: MaintenanceArgument.grace
    )
    var grace: Duration?

    @Option(help: ArgumentHelp("Resume after this key, as printed by an interrupted check.", valueName: "key"))
    var after: String?

    @OptionGroup
    var options: AdminOptions

    /// The maximum number of problems listed in a JSON document; all are counted.
    private static let listLimit = 10_000

    func validate() throws {
        if let after, BlobKey(after) == nil {
            throw ValidationError("invalid key \(after): give a key that an earlier check printed")
        }
    }

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        var check = CheckRegistry.Options()
        check.isQuick = quick
        check.repairs = repair
        check.grace = grace ?? RemoveOrphans.grace
        check.start = after.flatMap { BlobKey($0) }
        var records: [FsckProblemRecord] = []
        let summary = try await context.registry.checkRegistry.run(check) { problem in
            if options.format == .json, records.count < Self.listLimit { records.append(FsckProblemRecord(problem)) }
            try await context.say(problem.description, options.format)
        } progress: { summary, key in
            try await context.conversation.progress {
                "checked \(summary.blobs) blobs, \(summary.bytes) bytes, \(summary.problems) problems, up to \(key)"
            }
        }
        let verdict = summary.problems == 0 ? "no problems" : MaintenanceArgument.count(summary.problems, "problem")
        return AdminOutcome(
            FsckRecord(summary, problems: records),
            text: "checked \(MaintenanceArgument.count(summary.blobs, "blob")), \(summary.bytes) bytes read: \(verdict)"
                + (summary.repaired > 0 ? ", \(summary.repaired) repaired" : ""),
            status: summary.problems == 0 ? .done : .verificationFailed
        )
    }
}

/// The result of a check in the format of `--format json`.
private struct FsckRecord: Encodable {
    let blobs: Int
    let bytes: Int64
    let problemCount: Int
    let repaired: Int
    let problems: [FsckProblemRecord]

    init(_ summary: CheckRegistry.Summary, problems: [FsckProblemRecord]) {
        blobs = summary.blobs
        bytes = summary.bytes
        problemCount = summary.problems
        repaired = summary.repaired
        self.problems = problems
    }
}

/// A problem in the format of `--format json`.
private struct FsckProblemRecord: Encodable {
    let kind: String
    let subject: String
    let detail: String
    let key: String?
    let fileCount: Int64
    let files: [String]
    let repaired: Bool

    init(_ problem: CheckRegistry.Problem) {
        kind = problem.kind.rawValue
        subject = problem.subject
        detail = problem.detail
        key = problem.key?.text
        fileCount = problem.use.count
        files = problem.use.paths
        repaired = problem.isRepaired
    }
}
