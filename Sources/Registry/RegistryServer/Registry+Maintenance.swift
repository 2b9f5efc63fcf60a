// SPDX-License-Identifier: Apache-2.0

import LocalBlobs
import Loops
import RegistryHTTP
import RegistryMetadata
package import RegistryService
import RegistryStorage

extension Registry {
    /// Throws when there is content and no account: the database is another one or lost, and all content would look left over.
    package func refuseContentWithoutDatabase() async throws {
        guard try await !metadata.hasAccounts() else { return }
        // A store that cannot be asked is waited for where it is needed.
        guard let found = try? await blobs.list(after: nil, limit: 1), !found.isEmpty else { return }
        // Nothing of the new database may stay beside the one that is put in its place.
        try await close()
        throw DataDirectoryError(
            description: "the database is empty, but the store holds content: restore the matching "
                + "database; to start a new registry instead, first move the content away"
        )
    }

    /// Removes content that no row knows.
    package var removeOrphans: RemoveOrphans {
        RemoveOrphans(metadata: metadata, blobs: blobs)
    }

    /// How much content of deleted files waits for its removal.
    package func pendingRemovalCount() async throws -> Int {
        try await metadata.pendingRemovalCount()
    }

    /// Looks at everything, while it is used.
    package var checkRegistry: CheckRegistry {
        CheckRegistry(metadata: metadata, blobs: blobs, onQuarantine: hotFiles.forgetAll)
    }

    /// Copies content from the store that was used before; nil when none is configured.
    package var migrateContent: MigrateContent? {
        guard let stores = blobs as? FallbackBlobStore else { return nil }
        return MigrateContent(metadata: metadata, from: stores.earlier, to: stores.current, staging: staging)
    }

    /// Makes a backup in a folder, which is created when it is missing.
    package func backUp(to path: String) throws -> BackUp {
        BackUp(metadata: metadata, blobs: blobs, to: try backupFolder(path))
    }

    /// Brings the backup of a folder into this registry, which must be new.
    package func restore(from path: String) throws -> Restore {
        guard try LocalDirectory.fileSizeInBytes(path + "/export.jsonl") != nil else {
            throw DataDirectoryError(
                description: "no backup in \(path): give a folder that granary admin backup wrote"
            )
        }
        return Restore(metadata: metadata, blobs: blobs, staging: staging, from: try backupFolder(path))
    }

    private func backupFolder(_ path: String) throws -> BackupFolder {
        try LocalDirectory.create(path)
        let blobs = try LocalBlobStore(root: path + "/blobs", readers: files, writers: files)
        let staging = try UploadStaging(directory: path + "/staging", pool: files)
        return BackupFolder(path: path, blobs: blobs, staging: staging, pool: files)
    }

    /// Gives an export in pieces that end with a line.
    package func export(_ use: (String) async throws -> Void) async throws -> Int {
        try await withSpool { path in
            let export = try await ExportFile.write(metadata, to: path)
            var rest: [UInt8] = []
            for try await piece in export.file.pieces(0..<export.sizeInBytes, on: files) {
                rest += piece
                guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
                try await use(String(decoding: rest[...end], as: UTF8.self))
                rest.removeFirst(end + 1)
            }
            return export.rows
        }
    }

    /// Takes an export over, completely or not at all; returns how many rows it had.
    package func importRows(_ input: AdminInput) async throws -> Int {
        try await withSpool { path in
            let file = try await files.complete { try LocalFile.create(path) }
            for try await piece in input { try await files.complete { try file.append(piece) } }
            let export = try await files.complete { try ExportFile(file) }
            let rows = try await metadata.importRows { try export.reader() }
            forgetAll()
            return rows
        }
    }

    /// Forgets what was read before all rows were replaced.
    package func forgetAll() {
        cache.forgetAll()
        hotFiles.forgetAll()
    }

    /// A file beside the uploads, which the next start removes when this process dies; rows can be far larger than memory.
    private func withSpool<Value>(_ use: (String) async throws -> Value) async throws -> Value {
        let path = staging.directory + "/" + UploadID.random().text + ".jsonl"
        do {
            let value = try await use(path)
            try await files.complete { try LocalDirectory.unlink(path) }
            return value
        } catch {
            try? await files.complete { try LocalDirectory.unlink(path) }
            throw error
        }
    }
}
