// SPDX-License-Identifier: Apache-2.0

import Loops
import RegistryCore
import RegistryStorage

/// Bytes on their way into a file of the staging directory, hashed while they are written.
struct IncomingFile: Sendable {
    /// Bytes gathered before they are hashed and written, so that the hop to the pool costs little.
    private static let chunkSizeInBytes = 128 * 1024
    /// Pieces up to this size are put together, since a slow sender's would take more memory than they have bytes; larger
    /// ones are moved, not copied.
    private static let smallPieceInBytes = 16 * 1024
    private static let joinedPieceInBytes = 64 * 1024

    private let upload = UploadID.random()
    private let directory: String
    private let pool: BlockingPool
    private let writer: StagingWriter
    private var path: String
    private var gathered: [[UInt8]] = []
    private var gatheredBytes = 0
    private var passedOnBytes: Int64 = 0

    /// Nothing is written before the first bytes are there.
    init(in directory: String, pool: BlockingPool, also algorithms: Set<DigestAlgorithm>) {
        self.directory = directory
        self.pool = pool
        path = "\(directory)/\(upload)"
        let stages = StagingWriter.Stages(
            hasher: ContentHasher(also: algorithms),
            file: StagedFile(path: path, pool: pool)
        )
        writer = StagingWriter(stages, pool: pool)
    }

    /// How many bytes have come.
    var sizeInBytes: Int64 { passedOnBytes + Int64(gatheredBytes) }

    mutating func append(_ piece: [UInt8]) async throws {
        gather(piece)
        guard gatheredBytes >= Self.chunkSizeInBytes else { return }
        let (pieces, count) = (gathered, gatheredBytes)
        gathered = []
        gatheredBytes = 0
        passedOnBytes += Int64(count)
        try await writer.write(pieces, sizeInBytes: count)
    }

    private mutating func gather(_ piece: [UInt8]) {
        gatheredBytes += piece.count
        if piece.count <= Self.smallPieceInBytes, let last = gathered.indices.last,
            gathered[last].count + piece.count <= Self.joinedPieceInBytes
        {
            gathered[last] += piece
        } else {
            gathered.append(piece)
        }
    }

    /// Ends the file, which has then the name of the blob that it may become.
    mutating func finish() async throws -> (StagedContent, ContentDigests) {
        let stages = try await writer.finish()
        let finished = try await pool.complete { [gathered, upload, directory] in
            var stages = stages
            for piece in gathered { stages.hasher.update(piece) }
            let digests = try stages.hasher.finish()
            return (try stages.file.finish(gathered, digests.sha256, upload, in: directory), digests)
        }
        path = finished.0.path
        return finished
    }

    /// Removes the file.
    func discard() async {
        await writer.stop()
        // A file that cannot be removed now is removed at the next start.
        try? await pool.complete { [path] in try LocalDirectory.unlink(path) }
    }
}
