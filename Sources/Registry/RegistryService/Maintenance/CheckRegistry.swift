// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata
package import RegistryStorage

/// Checks everything that a registry stores while it is in use, and reports problems.
///
/// Publishes and deletes continue meanwhile, so the check looks at each difference again before it reports it.
package struct CheckRegistry: Sendable {
    let blobIndex: BlobIndex
    let removals: RemovalStore
    let checks: CheckStore
    let blobs: any BlobStore

    package init(metadata: Metadata, blobs: any BlobStore) {
        blobIndex = metadata.blobIndex
        removals = metadata.removals
        checks = metadata.checks
        self.blobs = blobs
    }

    /// The scope of a check, and whether it repairs.
    package struct Options: Sendable {
        /// Whether only the size of content is checked.
        package var isQuick = false
        /// Whether damaged content is quarantined and leftovers are scheduled for garbage collection.
        package var repairs = false
        /// The minimum age of unknown content to count as an orphan.
        package var grace = RemoveOrphans.grace
        /// The key after which the check resumes.
        package var start: BlobKey?

        package init() {}
    }

    /// The amount of checked content and the number of problems.
    package struct Summary: Sendable {
        package internal(set) var blobs = 0
        package internal(set) var bytes: Int64 = 0
        package internal(set) var problems = 0
        package internal(set) var repaired = 0
    }

    /// Runs the check; passes each problem to `report` as it is found, and the current totals to `progress`.
    package func run(
        _ options: Options,
        report: (Problem) async throws -> Void,
        progress: (_ summary: Summary, _ key: BlobKey) async throws -> Void = { _, _ in }
    ) async throws -> Summary {
        var summary = Summary()
        func note(_ problem: Problem) async throws {
            summary.problems += 1
            if problem.isRepaired { summary.repaired += 1 }
            try await report(problem)
        }
        if options.start == nil, !options.isQuick {
            for text in try await checks.databaseProblems() {
                try await note(Problem(.database, subject: "the database", detail: text))
            }
        }
        var survey = ContentSurvey(blobIndex, blobs, after: options.start)
        while let (blob, content) = try await survey.next() {
            try Task.checkCancellation()
            if let blob {
                summary.blobs += 1
                if !options.isQuick { summary.bytes += blob.sizeInBytes }
                if let problem = try await problem(of: blob, listed: content, options) { try await note(problem) }
                try await progress(summary, blob.key)
            } else if let content, let problem = try await problem(of: content, options) {
                try await note(problem)
            }
        }
        try await checkRows(options, note)
        return summary
    }

    /// Checks for unreferenced rows and for wrong counts.
    private func checkRows(_ options: Options, _ note: (Problem) async throws -> Void) async throws {
        let kinds: [RowCheck] = [
            RowCheck(kind: .forgotten, word: "blob", find: checks.forgottenBlobs, repair: removals.noteCandidate),
            RowCheck(kind: .empty, word: "version", find: checks.emptyVersions, repair: checks.deleteEmptyVersion),
            RowCheck(
                kind: .miscounted,
                word: "package",
                find: checks.miscountedPackages,
                repair: checks.recountVersions
            ),
            RowCheck(kind: .empty, word: "package", find: checks.emptyPackages, repair: checks.deleteEmptyPackage),
            RowCheck(
                kind: .miscounted,
                word: "owner",
                find: checks.miscountedOwners,
                repair: checks.recountUsage(ofOwner:)
            ),
            RowCheck(kind: .miscounted, word: "total", find: checks.miscountedTotal) { _ in
                try await checks.recountTotal()
            },
        ]
        for check in kinds {
            var last: Int64 = 0
            while let rows = try await check.page(after: last) {
                for row in rows {
                    if options.repairs { try await check.repair(row.id) }
                    try await note(
                        Problem(check.kind, subject: "\(check.word) \(row.name)", isRepaired: options.repairs)
                    )
                    last = row.id
                }
            }
        }
    }

    /// The query that finds bad rows of one kind, and their repair.
    private struct RowCheck {
        let kind: Problem.Kind
        let word: String
        let find: (_ after: Int64, _ limit: Int) async throws -> [StrayRow]
        let repair: (_ id: Int64) async throws -> Void

        func page(after id: Int64) async throws -> [StrayRow]? {
            let rows = try await find(id, 100)
            return rows.isEmpty ? nil : rows
        }
    }
}
