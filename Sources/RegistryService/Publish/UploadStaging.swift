// SPDX-License-Identifier: Apache-2.0

package import NIOCore
package import NIOPosix
package import RegistryCore
package import RegistryStorage

/// Where bodies land before anybody can see them: one local file an upload, hashed while it is written.
package struct UploadStaging: Sendable {
    /// Bytes gathered before they are hashed and written, so that the hop to the pool costs little.
    private static let chunkSizeInBytes = 256 * 1024

    /// Space that uploads leave free, so that the database can still record deletes.
    private static let reserveInBytes: Int64 = 8 * 1024 * 1024

    /// The directory, in the file system of the local blob store.
    package let directory: String
    let pool: NIOThreadPool
    private let space: FreeSpace

    package init(directory: String, pool: NIOThreadPool) throws {
        self.directory = directory
        self.pool = pool
        space = FreeSpace(directory: directory, pool: pool)
        try LocalDirectory.create(directory)
    }

    /// Streams a body into a file, hands it to `use`, and removes the file when that ends, also by an error.
    ///
    /// The file keeps its name during `use`: after a crash it tells `RemoveStaleUploads` which content to look for. `admit`
    /// is asked before each piece with the size that the body has with it, and throws when that is too much.
    package func withStagedUpload<Body: AsyncSequence, Value>(
        of body: Body,
        also algorithms: Set<DigestAlgorithm>,
        admit: (_ sizeInBytes: Int64) async throws -> Void = { _ in },
        _ use: (StagedContent, ContentDigests) async throws -> Value
    ) async throws -> Value where Body.Element == ByteBuffer {
        let upload = UploadID.random()
        var path = "\(directory)/\(upload)"
        do {
            let (staged, digests) = try await receive(body, as: upload, also: algorithms, admit)
            path = staged.path
            let value = try await use(staged, digests)
            await discard(path)
            return value
        } catch let error as UnresolvedPublish {
            throw error
        } catch {
            await discard(path)
            throw error
        }
    }

    /// Throws when the disk can not take a body of a size and keep a reserve for the database.
    package func checkSpace(for sizeInBytes: Int64) async throws {
        // Clients may announce any number.
        let needed = min(sizeInBytes, .max - Self.reserveInBytes) + Self.reserveInBytes
        let free = try await space.freeBytes(atLeast: needed)
        guard free - Self.reserveInBytes >= sizeInBytes else {
            throw RegistryError.insufficientStorage(
                "the registry's disk has \(free) bytes left, too few for this file: nothing was stored; ask the "
                    + "administrator to free space, then publish again"
            )
        }
    }

    private func receive<Body: AsyncSequence>(
        _ body: Body,
        as upload: UploadID,
        also algorithms: Set<DigestAlgorithm>,
        _ admit: (_ sizeInBytes: Int64) async throws -> Void
    ) async throws -> (StagedContent, ContentDigests) where Body.Element == ByteBuffer {
        var hasher = ContentHasher(also: algorithms)
        var file = StagedFile(path: "\(directory)/\(upload)")
        var chunk = ByteBuffer()
        for try await var part in body {
            try await admit(file.sizeInBytes + Int64(chunk.readableBytes + part.readableBytes))
            if chunk.readableBytes == 0 { chunk = part } else { chunk.writeBuffer(&part) }
            if chunk.readableBytes >= Self.chunkSizeInBytes {
                (hasher, file) = try await take(chunk, hasher, file)
                chunk = ByteBuffer()
            }
        }
        return try await pool.complete { [hasher, file, chunk, directory] in
            var (hasher, file) = (hasher, file)
            hasher.update(chunk)
            let digests = try hasher.finish()
            return (try file.finish(chunk, digests.sha256, upload, in: directory), digests)
        }
    }

    /// Hashes and writes at the same time: together they are what a large upload waits for.
    private func take(
        _ chunk: ByteBuffer,
        _ hasher: ContentHasher,
        _ file: StagedFile
    ) async throws -> (ContentHasher, StagedFile) {
        async let hashed = pool.complete {
            var hasher = hasher
            hasher.update(chunk)
            return hasher
        }
        async let written = pool.complete {
            var file = file
            try file.append(chunk)
            return file
        }
        return try await (hashed, written)
    }

    private func discard(_ path: String) async {
        // A file that can not be removed now is removed at the next start.
        try? await pool.complete { try LocalDirectory.unlink(path) }
    }
}

/// The publishing transaction may or may not have taken effect: the staged file stays, so that the next start decides.
package struct UnresolvedPublish: Error, CustomStringConvertible {
    /// What the transaction failed with, for the log.
    let cause: any Error

    package var description: String { "the outcome of a publish is open: \(cause)" }
}
