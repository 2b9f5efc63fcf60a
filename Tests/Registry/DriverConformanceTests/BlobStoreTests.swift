// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage
import RegistryTestSupport
import Testing

/// What `BlobStore` promises.
@Suite("BlobStore", .timeLimit(.minutes(15)))
struct BlobStoreTests {
    @Test("what was committed is given back", arguments: BlobBackend.available, [0, 1, 4096, 1 << 17, 3_000_001])
    func roundTrip(_ backend: BlobBackend, size: Int) async throws {
        try await backend.run { store, place in
            var generator = SeededGenerator(seed: UInt64(size))
            let bytes = generator.bytes(size)
            let key = try await place.commit(bytes, to: store)
            let content = try await store.open(key)
            #expect(content.sizeInBytes == Int64(size))
            #expect(try await store.sizeInBytes(of: key) == Int64(size))
            #expect(try await content.bytes() == bytes)
        }
    }

    @Test("content is there after the store is opened again", arguments: BlobBackend.available)
    func survivesReopening(_ backend: BlobBackend) async throws {
        try await backend.withDirectory { directory in
            let place = try StagingPlace(directory + "/staging")
            let key = try await place.commit([1, 2, 3], to: try await backend.open(directory))
            let reopened = try await backend.open(directory)
            #expect(try await reopened.open(key).bytes() == [1, 2, 3])
        }
    }

    @Test("content that is not there is missing and has no size", arguments: BlobBackend.available)
    func missing(_ backend: BlobBackend) async throws {
        try await backend.run { store, _ in
            let key = BlobKey(sha256: try .sha256(of: [1]), upload: .random())
            let error = await #expect(throws: BlobStoreError.self) { _ = try await store.open(key) }
            #expect(error?.code == .missing)
            #expect(try await store.sizeInBytes(of: key) == nil)
        }
    }

    @Test("content can be removed twice", arguments: BlobBackend.available)
    func removeTwice(_ backend: BlobBackend) async throws {
        try await backend.run { store, place in
            let key = try await place.commit([1], to: store)
            try await store.remove(key)
            try await store.remove(key)
            #expect(try await store.sizeInBytes(of: key) == nil)
        }
    }

    @Test("removing content leaves other content of the same bytes alone", arguments: BlobBackend.available)
    func removeOneOfTwo(_ backend: BlobBackend) async throws {
        try await backend.run { store, place in
            let first = try await place.commit([1, 2], to: store)
            let second = try await place.commit([1, 2], to: store)
            #expect(first != second)
            try await store.remove(first)
            #expect(try await store.open(second).bytes() == [1, 2])
        }
    }

    @Test("an opened blob can be read to its end after it was removed", arguments: BlobBackend.available)
    func readAfterRemove(_ backend: BlobBackend) async throws {
        try await backend.run { store, place in
            var generator = SeededGenerator(seed: 3)
            let bytes = generator.bytes(1_000_000)
            let key = try await place.commit(bytes, to: store)
            let content = try await store.open(key)
            try await store.remove(key)
            #expect(try await content.bytes() == bytes)
        }
    }

    static let ranges: [Range<Int64>] = [
        0..<0, 0..<1, 0..<300_000, 299_999..<300_000, 131_071..<131_073, 131_072..<262_144, 1..<299_999,
        300_000..<300_000,
    ]

    @Test("a range gives exactly its bytes, in pieces of bounded size", arguments: BlobBackend.available, ranges)
    func range(_ backend: BlobBackend, range: Range<Int64>) async throws {
        try await backend.run { store, place in
            var generator = SeededGenerator(seed: 4)
            let bytes = generator.bytes(300_000)
            let content = try await store.open(try await place.commit(bytes, to: store))
            #expect(try await content.bytes(range) == Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)]))
            for try await chunk in content.read(range) { #expect((1...(1 << 20)).contains(chunk.count)) }
        }
    }

    @Test("a range beyond the content throws", arguments: BlobBackend.available)
    func beyond(_ backend: BlobBackend) async throws {
        try await backend.run { store, place in
            let content = try await store.open(try await place.commit([1, 2, 3], to: store))
            let error = await #expect(throws: BlobStoreError.self) { _ = try await content.bytes(0..<4) }
            #expect(error?.code == .missing)
        }
    }

    @Test("a key is never overwritten", arguments: BlobBackend.available)
    func neverOverwritten(_ backend: BlobBackend) async throws {
        try await backend.run { store, place in
            let key = try await place.commit([1, 2, 3], to: store)
            let other = try place.stage([9])
            await #expect(throws: BlobStoreError.self) { try await store.commit(other, as: key) }
            #expect(try await store.open(key).bytes() == [1, 2, 3])
        }
    }

    @Test("300 commits at once are all there", arguments: BlobBackend.available)
    func parallelCommits(_ backend: BlobBackend) async throws {
        try await backend.run { store, place in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<300 {
                    group.addTask {
                        let bytes = Array("content \(number)".utf8)
                        let key = try await place.commit(bytes, to: store)
                        #expect(try await store.open(key).bytes() == bytes)
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("content is listed once, in the order of its keys", arguments: BlobBackend.available, [1, 2, 5, 100])
    func listed(_ backend: BlobBackend, limit: Int) async throws {
        try await backend.run { store, place in
            var sizes: [BlobKey: Int64] = [:]
            for size in 0..<12 {
                // Twice the same bytes are two keys with one digest.
                for _ in 0..<2 {
                    let key = try await place.commit([UInt8](repeating: 1, count: size), to: store)
                    sizes[key] = Int64(size)
                }
            }
            var listed: [StoredContent] = []
            while true {
                let page = try await store.list(after: listed.last?.key, limit: limit)
                #expect(page.count <= limit)
                if page.isEmpty { break }
                listed += page
            }
            #expect(listed.map(\.key) == sizes.keys.sorted())
            for content in listed { #expect(content.sizeInBytes == sizes[content.key]) }
        }
    }

    @Test("content that was removed is not listed", arguments: BlobBackend.available)
    func removedIsNotListed(_ backend: BlobBackend) async throws {
        try await backend.run { store, place in
            let first = try await place.commit([1], to: store)
            let second = try await place.commit([2], to: store)
            try await store.remove(first)
            #expect(try await store.list(after: nil, limit: 10).map(\.key) == [second])
            #expect(try await store.list(after: second, limit: 10).isEmpty)
        }
    }

    @Test("the age of content begins with its commit", arguments: BlobBackend.available)
    func age(_ backend: BlobBackend) async throws {
        try await backend.run { store, place in
            let clock = ContinuousClock()
            let staged = try place.stage([1])
            let start = clock.now
            try await store.commit(staged, as: BlobKey(sha256: staged.sha256, upload: staged.upload))
            let age = try #require(try await store.list(after: nil, limit: 1).first).age
            // A store may count whole seconds.
            #expect((.zero...(clock.now - start + .seconds(2))).contains(age))
        }
    }

    @Test("a store without uploads that were given up has nothing to remove", arguments: BlobBackend.available)
    func nothingUnfinished(_ backend: BlobBackend) async throws {
        try await backend.run { store, place in
            let key = try await place.commit([1], to: store)
            #expect(try await store.removeUnfinished(olderThan: .zero) == 0)
            #expect(try await store.open(key).bytes() == [1])
        }
    }

    @Test("a store that can be used is healthy", arguments: BlobBackend.available)
    func health(_ backend: BlobBackend) async throws {
        try await backend.run { store, _ in try await store.checkHealth() }
    }
}
