// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
package import RegistryStorage

/// Looks at everything a registry keeps, while it is used, and says what is not as it should be.
///
/// A difference is looked at again before it is reported, since publishes and deletes go on meanwhile.
package struct CheckRegistry: Sendable {
    let metadata: MetadataStore
    let blobs: any BlobStore
    /// Called when content was set aside: nobody may be served from memory what was read before.
    let onQuarantine: @Sendable () -> Void

    package init(metadata: MetadataStore, blobs: any BlobStore, onQuarantine: @escaping @Sendable () -> Void) {
        self.metadata = metadata
        self.blobs = blobs
        self.onQuarantine = onQuarantine
    }

    /// What to look at and what to do about it.
    package struct Options: Sendable {
        /// Whether content is judged by its size alone.
        package var isQuick = false
        /// Whether damaged content is set aside and what is left over is given to the garbage collection.
        package var repairs = false
        /// How old unknown content must be before it counts as left over.
        package var grace = RemoveOrphans.grace
        /// Where an earlier check ended.
        package var start: BlobKey?

        package init() {}
    }

    /// How much was looked at, and what was found.
    package struct Summary: Sendable {
        package internal(set) var blobs = 0
        package internal(set) var bytes: Int64 = 0
        package internal(set) var problems = 0
        package internal(set) var repaired = 0
    }

    /// Checks, and gives each problem to `report` when it is found, and how far it is to `progress`.
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
            for text in try await metadata.databaseProblems() {
                try await note(Problem(.database, subject: "the database", detail: text))
            }
        }
        var survey = ContentSurvey(metadata, blobs, after: options.start)
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

    /// Looks for rows that nothing refers to, and for wrong counts.
    private func checkRows(_ options: Options, _ note: (Problem) async throws -> Void) async throws {
        let kinds: [RowCheck] = [
            RowCheck(kind: .forgotten, word: "blob", find: metadata.forgottenBlobs, repair: metadata.noteCandidate),
            RowCheck(kind: .empty, word: "version", find: metadata.emptyVersions, repair: metadata.deleteEmptyVersion),
            RowCheck(
                kind: .miscounted,
                word: "package",
                find: metadata.miscountedPackages,
                repair: metadata.recountVersions
            ),
            RowCheck(kind: .empty, word: "package", find: metadata.emptyPackages, repair: metadata.deleteEmptyPackage),
            RowCheck(
                kind: .miscounted,
                word: "owner",
                find: metadata.miscountedOwners,
                repair: metadata.recountUsage(ofOwner:)
            ),
            RowCheck(kind: .miscounted, word: "total", find: metadata.miscountedTotal) { _ in
                try await metadata.recountTotal()
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

    /// How rows of one kind are found and put right.
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
