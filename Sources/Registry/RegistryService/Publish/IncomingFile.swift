// SPDX-License-Identifier: Apache-2.0

import Loops
import RegistryCore
import RegistryStorage

/// Bytes on their way into a file of the staging directory, hashed while they are written.
struct IncomingFile: Sendable {
    /// Bytes gathered before they are hashed and written, so that the hop to the pool costs little.
    private static let chunkSizeInBytes = 256 * 1024

    private let upload = UploadID.random()
    private let directory: String
    private let pool: BlockingPool
    private var path: String
    private var hasher: ContentHasher
    private var file: StagedFile
    private var chunk: [UInt8] = []

    /// Nothing is written before the first bytes are there.
    init(in directory: String, pool: BlockingPool, also algorithms: Set<DigestAlgorithm>) {
        self.directory = directory
        self.pool = pool
        path = "\(directory)/\(upload)"
        hasher = ContentHasher(also: algorithms)
        file = StagedFile(path: path)
    }

    /// How many bytes have come.
    var sizeInBytes: Int64 { file.sizeInBytes + Int64(chunk.count) }

    mutating func append(_ bytes: [UInt8]) async throws {
        if chunk.isEmpty { chunk = bytes } else { chunk += bytes }
        guard chunk.count >= Self.chunkSizeInBytes else { return }
        try await write(chunk)
        chunk = []
    }

    /// Ends the file, which has then the name of the blob that it may become.
    mutating func finish() async throws -> (StagedContent, ContentDigests) {
        let finished = try await pool.complete { [hasher, file, chunk, upload, directory] in
            var (hasher, file) = (hasher, file)
            hasher.update(chunk)
            let digests = try hasher.finish()
            return (try file.finish(chunk, digests.sha256, upload, in: directory), digests)
        }
        path = finished.0.path
        return finished
    }

    /// Removes the file.
    func discard() async {
        // A file that can not be removed now is removed at the next start.
        try? await pool.complete { [path] in try LocalDirectory.unlink(path) }
    }

    /// Hashes and writes at the same time: together they are what a large upload waits for.
    private mutating func write(_ chunk: [UInt8]) async throws {
        async let hashed = pool.complete { [hasher] in
            var hasher = hasher
            hasher.update(chunk)
            return hasher
        }
        async let written = pool.complete { [file] in
            var file = file
            try file.append(chunk)
            return file
        }
        (hasher, file) = try await (hashed, written)
    }
}
