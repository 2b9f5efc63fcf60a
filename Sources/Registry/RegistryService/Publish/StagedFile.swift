// SPDX-License-Identifier: Apache-2.0

import Loops
import RegistryCore
import RegistryStorage

/// The local file of one upload in progress; every call blocks.
struct StagedFile: Sendable {
    /// The number of bytes between two hints to the kernel to start writing to disk.
    private static let writebackStep: Int64 = 8 * 1024 * 1024

    private let pool: BlockingPool
    private var path: String
    private var file: LocalFile?
    private(set) var sizeInBytes: Int64 = 0

    /// Creates a staged file; the file is created with the first bytes and closed on a thread of the pool.
    init(path: String, pool: BlockingPool) {
        self.path = path
        self.pool = pool
    }

    mutating func append(_ piece: [UInt8]) throws {
        let file = try self.file ?? LocalFile.create(path).closes(on: pool)
        self.file = file
        try file.append(piece)
        let before = sizeInBytes
        sizeInBytes += Int64(piece.count)
        let step = sizeInBytes / Self.writebackStep
        if step > before / Self.writebackStep {
            file.startWriteback(from: (step - 1) * Self.writebackStep, count: Self.writebackStep)
        }
    }

    private mutating func append(_ pieces: [[UInt8]]) throws {
        // An empty upload has a file, too.
        if pieces.isEmpty { try append([UInt8]()) }
        for piece in pieces { try append(piece) }
    }

    /// Appends the last bytes and renames the file to the name of the blob it may become.
    ///
    /// A small file is created with that name. If this throws, no file has the name.
    mutating func finish(
        _ rest: [[UInt8]],
        _ sha256: Digest,
        _ upload: UploadID,
        in directory: String
    ) throws -> StagedContent {
        let finalPath = "\(directory)/\(BlobKey(sha256: sha256, upload: upload))"
        if file == nil {
            path = finalPath
            do {
                try append(rest)
            } catch {
                try? LocalDirectory.unlink(finalPath)
                throw error
            }
        } else {
            try append(rest)
            try LocalDirectory.rename(path, to: finalPath)
        }
        return StagedContent(upload: upload, path: finalPath, sizeInBytes: sizeInBytes, sha256: sha256)
    }
}
