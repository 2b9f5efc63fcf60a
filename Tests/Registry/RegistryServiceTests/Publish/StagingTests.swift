// SPDX-License-Identifier: Apache-2.0

import Digests
import Foundation
import Loops
import RegistryCore
import RegistryService
import RegistryStorage
import RegistryTestSupport
import Testing

@Suite("Staging", .timeLimit(.minutes(15)))
struct StagingTests {
    @Test(
        "a body arrives as it was sent, however it was cut",
        arguments: [
            (0, 1), (1, 1), (3000, 1), (300_000, 7), (3_000_000, 16_384), (9_000_000, 65_536), (9_000_000, 1 << 20),
        ]
    )
    func pieces(_ size: Int, _ pieceSize: Int) async throws {
        try await withTemporaryDirectory { directory in
            let staging = try UploadStaging(directory: directory + "/staging", pool: .maintenance)
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 131 &+ $0 >> 9) }
            try await staging.withStagedUpload(of: Body(bytes, pieceSize: pieceSize), also: [.md5]) { staged, digests in
                #expect(staged.sizeInBytes == Int64(size))
                #expect(digests.sha256.bytes == SHA256.hash(data: bytes))
                #expect(digests.md5?.bytes == Insecure.MD5.hash(data: bytes))
                let written = try Data(contentsOf: URL(filePath: staged.path))
                #expect(written == Data(bytes))
            }
            #expect(try LocalDirectory.entries(directory + "/staging").isEmpty)
        }
    }

    @Test("several bodies at once on one thread all arrive")
    func oneThread() async throws {
        try await withTemporaryDirectory { directory in
            let pool = BlockingPool(name: "staging", threads: 1)
            let staging = try UploadStaging(directory: directory + "/staging", pool: pool)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in UInt8(0)..<8 {
                    group.addTask {
                        let bytes = [UInt8](repeating: number, count: 4_000_000)
                        try await staging.withStagedUpload(of: Body(bytes, pieceSize: 50_000), also: []) { _, digests in
                            #expect(digests.sha256.bytes == SHA256.hash(data: bytes))
                        }
                    }
                }
                try await group.waitForAll()
            }
            await pool.shutDown()
        }
    }

    @Test("what cannot be written reaches the sender before the end of a large body", .timeLimit(.minutes(15)))
    func failure() async throws {
        try await withTemporaryDirectory { directory in
            let staging = try UploadStaging(directory: directory + "/staging", pool: .maintenance)
            try FileManager.default.removeItem(atPath: directory + "/staging")
            let endless = AsyncStream(unfolding: { [UInt8](repeating: 1, count: 100_000) })
            let error = await #expect(throws: BlobStoreError.self) {
                try await staging.withStagedUpload(of: endless, also: []) { _, _ in }
            }
            #expect(error?.code == .missing)
        }
    }

    @Test("a body that breaks off leaves nothing behind", arguments: [1, 4_000_000])
    func brokenBody(_ size: Int) async throws {
        struct Broken: Error {}
        try await withTemporaryDirectory { directory in
            let staging = try UploadStaging(directory: directory + "/staging", pool: .maintenance)
            let (body, sender) = AsyncThrowingStream<[UInt8], any Error>.makeStream()
            for _ in 0..<8 { sender.yield([UInt8](repeating: 1, count: size)) }
            sender.finish(throwing: Broken())
            await #expect(throws: Broken.self) {
                try await staging.withStagedUpload(of: body, also: []) { _, _ in }
            }
            #expect(try LocalDirectory.entries(directory + "/staging").isEmpty)
        }
    }

    @Test("a pool that was shut down takes no body")
    func closedPool() async throws {
        try await withTemporaryDirectory { directory in
            let pool = BlockingPool(name: "staging", threads: 1)
            let staging = try UploadStaging(directory: directory + "/staging", pool: pool)
            await pool.shutDown()
            for size in [10, 3_000_000] {
                let error = await #expect(throws: BlobStoreError.self) {
                    let body = Body([UInt8](repeating: 1, count: size), pieceSize: 100_000)
                    try await staging.withStagedUpload(of: body, also: []) { _, _ in }
                }
                #expect(error?.code == .unavailable)
            }
        }
    }
}
