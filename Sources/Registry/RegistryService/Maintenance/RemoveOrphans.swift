// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
package import RegistryStorage

/// Removes content without a row, which a publish leaves behind if its process or store fails half-way.
///
/// The grace period spares publishes in progress, so that clients need not resend them. Safety does not depend on it:
/// `RemovalStore.condemn` orders a removal against a late publish.
package struct RemoveOrphans: Sendable {
    /// The minimum age of unknown content to count as an orphan.
    package static let grace = Duration.seconds(24 * 3600)
    /// The time after which a publish whose content was removed as an orphan can no longer complete.
    private static let memory = Duration.seconds(30 * 24 * 3600)
    private static let batch = 200

    private let blobIndex: BlobIndex
    private let removals: RemovalStore
    private let collectGarbage: CollectGarbage
    private let blobs: any BlobStore

    package init(metadata: Metadata, blobs: any BlobStore) {
        blobIndex = metadata.blobIndex
        removals = metadata.removals
        collectGarbage = CollectGarbage(metadata: metadata, blobs: blobs)
        self.blobs = blobs
    }

    /// The result of a pass.
    package struct Found: Sendable {
        package internal(set) var blobs = 0
        package internal(set) var orphans = 0
        package internal(set) var orphanBytes: Int64 = 0
        package internal(set) var unfinished = 0

        package init() {}

        /// Whether the store seems to belong to another registry, because most of its content is unknown.
        package var looksForeign: Bool { orphans > blobs }
    }

    /// Counts orphans, and passes each to `found`.
    package func find(
        grace: Duration = RemoveOrphans.grace,
        _ found: (StoredContent) async throws -> Void = { _ in }
    ) async throws -> Found {
        var result = Found()
        try await forEachBatch(grace, &result) { batch, _ in
            for content in batch { try await found(content) }
        }
        return result
    }

    /// Removes orphans, and passes each to `removed`.
    ///
    /// If most of the content is unknown, this throws before it removes anything, unless `isForced` is true.
    package func run(
        grace: Duration = RemoveOrphans.grace,
        isForced: Bool = false,
        _ removed: (StoredContent) async throws -> Void = { _ in }
    ) async throws -> Found {
        if !isForced {
            let seen = try await find(grace: grace)
            guard !seen.looksForeign else {
                throw RegistryError.invalid(
                    "the store holds more unknown content (\(seen.orphans)) than blobs of this registry "
                        + "(\(seen.blobs)): nothing was removed; check that the database and the store match, "
                        + "then run granary admin gc --force"
                )
            }
            guard seen.orphans > 0 else { return try await removeUnfinished(grace, seen) }
        }
        var result = Found()
        try await forEachBatch(grace, &result) { batch, result in
            let condemned = Set(try await removals.condemn(batch.map(\.key)))
            for content in batch where !condemned.contains(content.key) {
                result.orphans -= 1
                result.orphanBytes -= content.sizeInBytes
            }
            for content in batch where condemned.contains(content.key) { try await removed(content) }
        }
        _ = try await collectGarbage.run()
        return try await removeUnfinished(grace, result)
    }

    private func removeUnfinished(_ grace: Duration, _ result: Found) async throws -> Found {
        var result = result
        result.unfinished = try await blobs.removeUnfinished(olderThan: grace)
        try await removals.forgetCondemnedKeys(olderThan: Self.memory)
        return result
    }

    /// Iterates over the store and passes on content without a row, in batches.
    private func forEachBatch(
        _ grace: Duration,
        _ result: inout Found,
        _ body: (_ batch: [StoredContent], _ result: inout Found) async throws -> Void
    ) async throws {
        var survey = ContentSurvey(blobIndex, blobs)
        var batch: [StoredContent] = []
        while let (blob, content) = try await survey.next() {
            if blob != nil { result.blobs += 1 }
            if blob == nil, let content, content.age >= grace { batch.append(content) }
            if batch.count == Self.batch { try await hand(&batch, &result, body) }
        }
        try await hand(&batch, &result, body)
    }

    private func hand(
        _ batch: inout [StoredContent],
        _ result: inout Found,
        _ body: (_ batch: [StoredContent], _ result: inout Found) async throws -> Void
    ) async throws {
        let unknown = Set(try await removals.unknownKeys(batch.map(\.key)))
        let orphans = batch.filter { unknown.contains($0.key) }
        batch = []
        guard !orphans.isEmpty else { return }
        result.orphans += orphans.count
        result.orphanBytes += orphans.reduce(0) { $0 + $1.sizeInBytes }
        try await body(orphans, &result)
    }
}
