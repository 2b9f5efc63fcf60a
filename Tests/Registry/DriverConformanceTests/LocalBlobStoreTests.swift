// SPDX-License-Identifier: Apache-2.0

import Foundation
import Loops
import RegistryCore
import RegistryStorage
import RegistryTestSupport
import Testing

/// What only a directory can suffer.
@Suite("Local blobs", .timeLimit(.minutes(15)))
struct LocalBlobStoreTests {
    private func run(_ body: (any BlobStore, StagingPlace, String) async throws -> Void) async throws {
        try await withTemporaryDirectory { directory in
            let place = try StagingPlace(directory + "/staging")
            try await body(try await BlobBackend.local.open(directory), place, directory + "/blobs")
        }
    }

    @Test("a file is closed on its pool, wherever its last reference goes")
    func closesOnPool() async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/file"
            let pool = BlockingPool(name: "closing", threads: 1)
            let free = DispatchSemaphore(value: 0)
            let isTaken = pool.submit { free.wait() }
            #expect(isTaken)
            var file: LocalFile? = try LocalFile.create(path).closes(on: pool)
            let descriptor = try #require(file).descriptor
            let link = "/proc/self/fd/\(descriptor)"
            file = nil
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == path, "the pool has no time yet")
            free.signal()
            try await pool.complete {}
            // Another test may have the number now.
            #expect((try? FileManager.default.destinationOfSymbolicLink(atPath: link)) != path)
        }
    }

    @Test("content that was cut off throws before the last byte", arguments: [0, 1, 131_072, 299_999])
    func cutOff(_ size: UInt64) async throws {
        try await run { store, place, root in
            let key = try await place.commit([UInt8](repeating: 7, count: 300_000), to: store)
            let content = try await store.open(key)
            let handle = try #require(FileHandle(forWritingAtPath: "\(root)/\(key.path)"))
            try handle.truncate(atOffset: size)
            var received = 0
            let error = await #expect(throws: BlobStoreError.self) {
                for try await chunk in content.read(0..<300_000) { received += chunk.count }
            }
            #expect(error?.code == .missing)
            #expect(received <= size)
            #expect(try await store.sizeInBytes(of: key) == Int64(size))
        }
    }

    @Test("content is opened at once as it is in its turn", arguments: [0, 1, 65_536, 65_537, 300_000])
    func openedAtOnce(size: Int) async throws {
        try await run { store, place, root in
            let bytes = [UInt8](repeating: 7, count: size)
            let key = try await place.commit(bytes, to: store)
            let content = try #require(store.openAtOnce(key))
            #expect(content.sizeInBytes == Int64(size))
            #expect(try await content.bytes() == bytes)
            try await store.remove(key)
            #expect(try await content.bytes() == bytes)
            #expect(store.openAtOnce(key) == nil)
        }
    }

    @Test("a folder that is missing is made")
    func missingFolder() async throws {
        try await run { store, place, root in
            let staged = try place.stage([5])
            let key = BlobKey(sha256: staged.sha256, upload: staged.upload)
            try FileManager.default.removeItem(atPath: "\(root)/\(key.folder)")
            try await store.commit(staged, as: key)
            #expect(try await store.open(key).bytes() == [5])
        }
    }

    @Test("a new store has all its folders, for its owner only")
    func folders() async throws {
        try await run { _, _, root in
            #expect(try LocalDirectory.entries(root).sorted() == BlobKey.allFolders)
            let attributes = try FileManager.default.attributesOfItem(atPath: root + "/00")
            #expect(attributes[.posixPermissions] as? Int == 0o700)
        }
    }

    @Test("names that are not keys are not listed, and a folder that is missing is passed over")
    func foreignNames() async throws {
        try await run { store, place, root in
            let key = try await place.commit([5], to: store)
            _ = try LocalFile.create("\(root)/\(key.folder)/notes.txt")
            let directory = BlobKey(sha256: try .sha256(of: [5]), upload: .random())
            try LocalDirectory.create("\(root)/\(directory.path)")
            let other = key.folder == "00" ? "01" : "00"
            try FileManager.default.removeItem(atPath: "\(root)/\(other)")
            #expect(try await store.list(after: nil, limit: 10).map(\.key) == [key])
        }
    }

    @Test("the staged file stays when its content is committed")
    func stagedFileStays() async throws {
        try await run { store, place, _ in
            let staged = try place.stage([5])
            try await store.commit(staged, as: BlobKey(sha256: staged.sha256, upload: staged.upload))
            #expect(FileManager.default.fileExists(atPath: staged.path))
        }
    }

    @Test("a commit of a staged file that is gone throws and leaves nothing")
    func stagedFileGone() async throws {
        try await run { store, place, _ in
            let staged = try place.stage([5])
            try FileManager.default.removeItem(atPath: staged.path)
            let key = BlobKey(sha256: staged.sha256, upload: staged.upload)
            await #expect(throws: BlobStoreError.self) { try await store.commit(staged, as: key) }
            #expect(try await store.sizeInBytes(of: key) == nil)
        }
    }

    @Test("a commit below something that is not a directory throws")
    func notADirectory() async throws {
        try await run { store, place, root in
            let staged = try place.stage([5])
            let key = BlobKey(sha256: staged.sha256, upload: staged.upload)
            try FileManager.default.removeItem(atPath: "\(root)/\(key.folder)")
            _ = try LocalFile.create("\(root)/\(key.folder)")
            let error = await #expect(throws: BlobStoreError.self) { try await store.commit(staged, as: key) }
            #expect(error?.description.contains("not a folder") == true, "the log names the cause")
        }
    }

    @Test("a link in the place of content is not followed")
    func symbolicLink() async throws {
        try await run { store, place, root in
            let key = try await place.commit([5], to: store)
            try FileManager.default.removeItem(atPath: "\(root)/\(key.path)")
            try FileManager.default.createSymbolicLink(
                atPath: "\(root)/\(key.path)",
                withDestinationPath: "/etc/hostname"
            )
            await #expect(throws: BlobStoreError.self) { _ = try await store.open(key) }
            #expect(try await store.sizeInBytes(of: key) == nil)
        }
    }

    @Test("a commit into a full file system is refused as full, one into a read-only one as read-only")
    func fullAndReadOnly() async throws {
        try await SmallFileSystem.run { directory in
            let place = try StagingPlace(directory.path + "/staging")
            let store = try await BlobBackend.local.open(directory.path)
            let staged = try place.stage([5])
            let key = BlobKey(sha256: staged.sha256, upload: staged.upload)
            try directory.fill()
            let full = await #expect(throws: BlobStoreError.self) { try await store.commit(staged, as: key) }
            #expect(full?.code == .full)
            try directory.makeReadOnly()
            let readOnly = await #expect(throws: BlobStoreError.self) { try await store.commit(staged, as: key) }
            #expect(readOnly?.code == .readOnly)
            let unhealthy = await #expect(throws: BlobStoreError.self) { try await store.checkHealth() }
            #expect(unhealthy?.code == .readOnly)
        }
    }
}
