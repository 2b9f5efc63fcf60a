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
        var received = ReceivedBytes(path: "\(directory)/\(upload)", hasher: ContentHasher(also: algorithms))
        var chunk = ByteBuffer()
        for try await var part in body {
            try await admit(received.sizeInBytes + Int64(chunk.readableBytes + part.readableBytes))
            if chunk.readableBytes == 0 { chunk = part } else { chunk.writeBuffer(&part) }
            if chunk.readableBytes >= Self.chunkSizeInBytes {
                received = try await appended(chunk, to: received)
                chunk = ByteBuffer()
            }
        }
        return try await pool.complete { [received, chunk, directory] in
            var received = received
            return try received.finish(chunk, upload, in: directory)
        }
    }

    private func appended(_ chunk: ByteBuffer, to received: ReceivedBytes) async throws -> ReceivedBytes {
        try await pool.complete {
            var received = received
            try received.append(chunk)
            return received
        }
    }

    private func discard(_ path: String) async {
        // A file that can not be removed now is removed at the next start.
        try? await pool.complete { try LocalDirectory.unlink(path) }
    }
}

/// A file on its way in.
private struct ReceivedBytes: Sendable {
    /// How much is written between two hints to the kernel to begin with the disk's work.
    private static let writebackStep: Int64 = 8 * 1024 * 1024

    private var path: String
    private var file: LocalFile?
    private var hasher: ContentHasher
    private(set) var sizeInBytes: Int64 = 0

    init(path: String, hasher: ContentHasher) {
        self.path = path
        self.hasher = hasher
    }

    mutating func append(_ chunk: ByteBuffer) throws {
        hasher.update(chunk)
        try write(chunk)
    }

    private mutating func write(_ chunk: ByteBuffer) throws {
        let file = try self.file ?? LocalFile.create(path)
        self.file = file
        try file.append(chunk)
        let before = sizeInBytes
        sizeInBytes += Int64(chunk.readableBytes)
        let step = sizeInBytes / Self.writebackStep
        if step > before / Self.writebackStep {
            file.startWriteback(from: (step - 1) * Self.writebackStep, count: Self.writebackStep)
        }
    }

    /// Adds the last bytes and gives the file the name of the blob it may become; a small one is made with that name.
    mutating func finish(
        _ chunk: ByteBuffer,
        _ upload: UploadID,
        in directory: String
    ) throws -> (StagedContent, ContentDigests) {
        hasher.update(chunk)
        let digests = try hasher.finish()
        let newPath = "\(directory)/\(BlobKey(sha256: digests.sha256, upload: upload))"
        if file != nil { try LocalDirectory.rename(path, to: newPath) }
        path = newPath
        try write(chunk)
        let staged = StagedContent(upload: upload, path: path, sizeInBytes: sizeInBytes, sha256: digests.sha256)
        return (staged, digests)
    }
}

/// The publishing transaction may or may not have taken effect: the staged file stays, so that the next start decides.
package struct UnresolvedPublish: Error, CustomStringConvertible {
    /// What the transaction failed with, for the log.
    let cause: any Error

    package var description: String { "the outcome of a publish is open: \(cause)" }
}
