// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage
import RegistryTestSupport
import Testing

/// A store that takes the place of an earlier one, while content is in one of them or in both.
@Suite("A store before an earlier one", .timeLimit(.minutes(15)))
struct FallbackBlobStoreTests {
    private func run(_ body: (FallbackBlobStore, StagingPlace) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let place = try StagingPlace(directory + "/staging")
            let store = try await BlobBackend.fallback.open(directory)
            try await body(try #require(store as? FallbackBlobStore), place)
        }
    }

    @Test("new content goes into the new store, and old content is read from the earlier one")
    func bothAreRead() async throws {
        try await run { store, place in
            let old = try await place.commit([1], to: store.earlier)
            let new = try await place.commit([2], to: store)
            #expect(try await store.current.sizeInBytes(of: new) == 1)
            #expect(try await store.earlier.sizeInBytes(of: new) == nil)
            #expect(try await store.open(old).bytes() == [1])
            #expect(try await store.open(new).bytes() == [2])
            #expect(try await store.sizeInBytes(of: old) == 1)
        }
    }

    @Test("what is removed is gone from both")
    func removed() async throws {
        try await run { store, place in
            let staged = try place.stage([1])
            let key = BlobKey(sha256: staged.sha256, upload: staged.upload)
            try await store.earlier.commit(staged, as: key)
            try await store.current.commit(staged, as: key)
            try await store.remove(key)
            #expect(try await store.sizeInBytes(of: key) == nil)
        }
    }

    @Test("content of both stores is listed once, in order, also when one gives short pages", arguments: [1, 2, 3, 50])
    func listed(_ limit: Int) async throws {
        try await run { store, place in
            var keys: Set<BlobKey> = []
            for number in 0..<20 {
                let staged = try place.stage([UInt8(number)])
                let key = BlobKey(sha256: staged.sha256, upload: staged.upload)
                keys.insert(key)
                if number % 3 != 0 { try await store.earlier.commit(staged, as: key) }
                if number % 3 != 1 { try await store.current.commit(staged, as: key) }
            }
            let hesitant = FallbackBlobStore(current: ShortPages(base: store.current), earlier: store.earlier)
            for store in [store, hesitant] {
                var listed: [BlobKey] = []
                while true {
                    let page = try await store.list(after: listed.last, limit: limit)
                    if page.isEmpty { break }
                    listed += page.map(\.key)
                }
                #expect(listed == keys.sorted())
            }
        }
    }
}

/// A store that lists one key at a time, whatever is asked for.
private struct ShortPages: BlobStore {
    let base: any BlobStore

    func commit(_ staged: StagedContent, as key: BlobKey) async throws { try await base.commit(staged, as: key) }

    func open(_ key: BlobKey, reading range: Range<Int64>?) async throws -> any OpenBlob {
        try await base.open(key, reading: range)
    }

    func temporaryURL(for key: BlobKey, as fileName: String, lifetime: Duration) -> String? { nil }

    func sizeInBytes(of key: BlobKey) async throws -> Int64? { try await base.sizeInBytes(of: key) }

    func remove(_ key: BlobKey) async throws { try await base.remove(key) }

    func list(after key: BlobKey?, limit: Int) async throws -> [StoredContent] {
        try await base.list(after: key, limit: 1)
    }

    func removeUnfinished(olderThan age: Duration) async throws -> Int { 0 }

    func checkHealth() async throws {}
}
