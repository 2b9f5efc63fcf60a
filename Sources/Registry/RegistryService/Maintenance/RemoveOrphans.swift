// SPDX-License-Identifier: Apache-2.0

package import RegistryMetadata
package import RegistryStorage

/// Removes content that no row knows: what publishes left behind whose process or whose store failed half-way.
///
/// The grace is for publishes that are on their way, so that they need not be sent again. It is not needed for safety:
/// `MetadataStore.condemn` orders a removal against a publish that comes late.
package struct RemoveOrphans: Sendable {
    /// How old content must be before it counts as left over.
    package static let grace = Duration.seconds(24 * 3600)
    /// After so long a publish that was cut off by its orphan's removal cannot come back.
    private static let memory = Duration.seconds(30 * 24 * 3600)
    private static let batch = 200

    private let metadata: MetadataStore
    private let blobs: any BlobStore

    package init(metadata: MetadataStore, blobs: any BlobStore) {
        self.metadata = metadata
        self.blobs = blobs
    }

    /// What a pass found.
    package struct Found: Sendable {
        package internal(set) var blobs = 0
        package internal(set) var orphans = 0
        package internal(set) var orphanBytes: Int64 = 0
        package internal(set) var unfinished = 0

        package init() {}

        /// More content that is unknown than known looks like the store of another registry.
        package var looksForeign: Bool { orphans > blobs }
    }

    /// Counts orphans, and gives each to `found`.
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

    /// Removes orphans, and gives each to `removed`.
    ///
    /// Throws without having removed anything when most of the content is unknown, unless `isForced`.
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
            let condemned = Set(try await metadata.condemn(batch.map(\.key)))
            for content in batch where !condemned.contains(content.key) {
                result.orphans -= 1
                result.orphanBytes -= content.sizeInBytes
            }
            for content in batch where condemned.contains(content.key) { try await removed(content) }
        }
        _ = try await CollectGarbage(metadata: metadata, blobs: blobs).run()
        return try await removeUnfinished(grace, result)
    }

    private func removeUnfinished(_ grace: Duration, _ result: Found) async throws -> Found {
        var result = result
        result.unfinished = try await blobs.removeUnfinished(olderThan: grace)
        try await metadata.forgetCondemnedKeys(olderThan: Self.memory)
        return result
    }

    /// Walks through the store and hands on what no row knows, some at a time.
    private func forEachBatch(
        _ grace: Duration,
        _ result: inout Found,
        _ body: (_ batch: [StoredContent], _ result: inout Found) async throws -> Void
    ) async throws {
        var survey = ContentSurvey(metadata, blobs)
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
        let unknown = Set(try await metadata.unknownKeys(batch.map(\.key)))
        let orphans = batch.filter { unknown.contains($0.key) }
        batch = []
        guard !orphans.isEmpty else { return }
        result.orphans += orphans.count
        result.orphanBytes += orphans.reduce(0) { $0 + $1.sizeInBytes }
        try await body(orphans, &result)
    }
}
