// SPDX-License-Identifier: Apache-2.0

import Loops
import RegistryCore
import RegistryStorage

/// A file in the staging directory that receives bytes and hashes them as they are written.
struct IncomingFile: Sendable {
    /// The number of bytes to gather before they are hashed and written, to amortize the hop to the pool.
    private static let chunkSizeInBytes = 128 * 1024
    /// Pieces up to this size are joined, because the small pieces of a slow sender need more memory than they have
    /// bytes.
    ///
    /// Larger pieces are moved, not copied.
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

    /// Creates a receiver; the file is created when the first bytes arrive.
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

    /// The number of bytes received so far.
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

    /// Completes the file and gives it the name of the blob that it may become.
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
        // The next start removes a file that cannot be removed now.
        try? await pool.complete { [path] in try LocalDirectory.unlink(path) }
    }
}
