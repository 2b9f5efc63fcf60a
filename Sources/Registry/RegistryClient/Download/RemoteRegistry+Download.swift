// SPDX-License-Identifier: Apache-2.0

package import Files
import FoundationEssentials
package import RegistryAPI
package import RegistryCore

extension RemoteRegistry {
    /// Downloads a file to a local path.
    ///
    /// - The content is written to a temporary file in the same folder, which is renamed when it is complete, verified and on disk.
    /// - An existing file is replaced only with `overwrite`.
    /// - A failure or cancellation leaves nothing behind.
    package func download(
        _ file: FileCoordinate,
        expecting record: FileRecord,
        to destination: String,
        overwrite: Bool,
        progress: TransferProgress = { _, _ in }
    ) async throws {
        try checkDestination(destination, overwrite: overwrite)
        let part = Self.temporaryPath(beside: destination)
        do {
            let local = try await TransferFile.open(part, .create(permissions: 0o666))
            try await receive(file, expecting: record, progress: progress) { try await local.write($0, at: $1) }
            try await local.synchronize()
            try checkDestination(destination, overwrite: overwrite)
            try await TransferFile.rename(part, to: destination)
        } catch {
            try? FileManager.default.removeItem(atPath: part)
            throw error
        }
        try await TransferFile.synchronizeFolder(of: destination)
    }

    /// Downloads a file to an open file that keeps what is written to it: a pipe, a device, standard output.
    ///
    /// The bytes are written as they arrive, and are verified only when the call returns. Messages show `name`.
    package func download(
        _ file: FileCoordinate,
        expecting record: FileRecord,
        into destination: OpenFile,
        named name: String,
        progress: TransferProgress = { _, _ in }
    ) async throws {
        let output = TransferFile(destination, name: name)
        var written: Int64 = 0
        try await receive(file, expecting: record, progress: progress) { piece, offset in
            // After a refused resumption, the content starts again from the beginning.
            guard offset + Int64(piece.count) > written else { return }
            let fresh = Array(piece[Int(written - offset)...])
            try await output.append(fresh)
            written += Int64(fresh.count)
        }
    }

    /// Returns an unused path in the folder of a path, independent of its name, which may already have the maximum length.
    private static func temporaryPath(beside path: String) -> String {
        let folder = path.lastIndex(of: "/").map { path[...$0] } ?? ""
        return folder + ".granary-" + String(UInt64.random(in: .min ... .max), radix: 36) + ".part"
    }

    /// Downloads a file and compares it with its record, without storing it.
    package func verifyContent(
        of file: FileCoordinate,
        expecting record: FileRecord,
        progress: TransferProgress = { _, _ in }
    ) async throws {
        try await receive(file, expecting: record, progress: progress) { _, _ in }
    }

    /// Compares a local file with the registry's record of it.
    package func verify(
        _ path: String,
        against record: FileRecord,
        of file: FileCoordinate,
        progress: @escaping TransferProgress = { _, _ in }
    ) async throws {
        try await SourceFile.withFile(path) { local in
            let digest = try await local.sha256(progress: progress)
            guard digest.hex == record.sha256.lowercased() else {
                throw ClientError(
                    .verificationFailed,
                    "\(path.quoted()) differs from \(file) (local \(digest), registry sha256:\(record.sha256));"
                        + " download the file again"
                )
            }
        }
    }

    private func checkDestination(_ path: String, overwrite: Bool) throws {
        // A dangling symbolic link exists, too.
        guard (try? FileStatus(of: path, followsLink: false)) != nil else { return }
        var isFolder = false
        guard !FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) || !isFolder else {
            throw ClientError(.io, "cannot write \(path.quoted()): it is a folder; choose another name with --output")
        }
        guard overwrite else {
            throw ClientError(.conflict, "\(path.quoted()) already exists; use --force to replace it")
        }
    }
}
