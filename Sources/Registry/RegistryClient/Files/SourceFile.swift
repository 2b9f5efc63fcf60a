// SPDX-License-Identifier: Apache-2.0

import Digests
import Files
import RegistryCore

/// A local file that is open for reading, with its size at the time of opening.
struct SourceFile: Sendable {
    let path: String
    let file: TransferFile
    let sizeInBytes: Int64

    /// Opens a regular file while the body runs.
    static func withFile<Value>(
        _ path: String,
        _ body: (SourceFile) async throws -> Value
    ) async throws -> Value {
        // This checks only the type. Opening the file below reports other problems with the system's reason.
        let kind = (try? FileStatus(of: path))?.kind
        guard kind == nil || kind == .file else {
            throw ClientError(.io, "cannot read \(path.quoted()): it is not a regular file; pack folders first")
        }
        let file = try await TransferFile.open(path, .read)
        return try await body(SourceFile(path: path, file: file, sizeInBytes: file.sizeInBytes()))
    }

    /// Returns a part of the content in pieces of one mebibyte, each reported before it is returned.
    func pieces(_ range: Range<Int64>, progress: @escaping TransferProgress = { _, _ in }) -> FilePieces {
        FilePieces(file: self, range: range, progress: progress)
    }

    /// Reads the whole file and returns its SHA-256.
    func sha256(progress: @escaping TransferProgress = { _, _ in }) async throws -> Digest {
        var hash = SHA256()
        for try await piece in pieces(0..<sizeInBytes, progress: progress) {
            hash.update(data: piece)
        }
        return try Digest(.sha256, bytes: hash.finalize())
    }
}

/// A function that receives the number of bytes transferred so far and the total.
package typealias TransferProgress = @Sendable (_ transferred: Int64, _ total: Int64) -> Void
