// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A store that replaces an earlier one: it writes to the current store, and reads missing content from the earlier one.
///
/// Content can therefore be migrated while the server runs.
package struct FallbackBlobStore: BlobStore {
    /// The store for new content.
    package let current: any BlobStore
    /// The store with the content that has not been copied yet.
    package let earlier: any BlobStore

    package init(current: any BlobStore, earlier: any BlobStore) {
        self.current = current
        self.earlier = earlier
    }

    package func commit(_ staged: StagedContent, as key: BlobKey) async throws {
        try await current.commit(staged, as: key)
    }

    package func open(_ key: BlobKey, reading range: Range<Int64>?) async throws -> any OpenBlob {
        do {
            return try await current.open(key, reading: range)
        } catch let error as BlobStoreError where error.code == .missing {
            return try await earlier.open(key, reading: range)
        }
    }

    package func temporaryURL(for key: BlobKey, as fileName: String, lifetime: Duration) -> String? {
        // The URL is created without a request to the store, which may not have the content yet.
        nil
    }

    package func sizeInBytes(of key: BlobKey) async throws -> Int64? {
        if let size = try await current.sizeInBytes(of: key) { return size }
        return try await earlier.sizeInBytes(of: key)
    }

    package func remove(_ key: BlobKey) async throws {
        try await current.remove(key)
        try await earlier.remove(key)
    }

    package func list(after key: BlobKey?, limit: Int) async throws -> [StoredContent] {
        let pages = [
            try await current.list(after: key, limit: limit), try await earlier.list(after: key, limit: limit),
        ]
        // After the end of the shorter page, one of the stores may have content that it has not listed yet.
        guard let end = pages.compactMap(\.last?.key).min() else { return [] }
        var found: [BlobKey: StoredContent] = [:]
        // Content in both stores is listed as in the current store.
        for content in pages.joined() where content.key <= end && found[content.key] == nil {
            found[content.key] = content
        }
        return found.values.sorted { $0.key < $1.key }
    }

    package func removeUnfinished(olderThan age: Duration) async throws -> Int {
        try await current.removeUnfinished(olderThan: age) + earlier.removeUnfinished(olderThan: age)
    }

    package func checkHealth() async throws {
        try await current.checkHealth()
        try await earlier.checkHealth()
    }
}
