// SPDX-License-Identifier: Apache-2.0

import LocalBlobs
import Loops
import RegistryCore
import RegistryHTTP
import RegistryMetadata
package import RegistryService
import RegistryStorage

extension Registry {
    /// Throws if there is content but no account: the database is lost or wrong, and all content would seem orphaned.
    package func refuseContentWithoutDatabase() async throws {
        guard try await !metadata.accounts.hasAccounts() else { return }
        // An unavailable store is handled where it is used.
        guard let found = try? await blobs.list(after: nil, limit: 1), !found.isEmpty else { return }
        // Close the new database, so that none of its files remain beside the restored one.
        try await close()
        throw DataDirectoryError(
            description: "the database is empty, but the store holds content: restore the matching "
                + "database; to start a new registry instead, first move the content away"
        )
    }

    /// The removal of content without a row.
    package var removeOrphans: RemoveOrphans {
        RemoveOrphans(metadata: metadata, blobs: blobs)
    }

    /// Returns the number of deleted blobs whose content has not been removed yet.
    package func pendingRemovalCount() async throws -> Int {
        try await metadata.removals.pendingRemovalCount()
    }

    /// The check of all data, which runs while the registry is in use.
    package var checkRegistry: CheckRegistry {
        CheckRegistry(metadata: metadata, blobs: blobs)
    }

    /// The copy of content from the previous store; nil if none is configured.
    package var migrateContent: MigrateContent? {
        guard let stores = blobs as? FallbackBlobStore else { return nil }
        return MigrateContent(metadata: metadata, from: stores.earlier, to: stores.current, staging: staging)
    }

    /// Prepares a backup to a folder, which is created if it is missing.
    package func backUp(to path: String) throws -> BackUp {
        BackUp(metadata: metadata, blobs: blobs, to: try backupFolder(path))
    }

    /// Prepares a restore from a backup folder; the registry must be new.
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

    /// Passes an export to a closure, in pieces of whole lines.
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

    /// Imports an export atomically; returns the number of rows.
    package func importRows(_ input: AdminInput) async throws -> Int {
        try await withSpool { path in
            let file = try await files.complete { try LocalFile.create(path) }
            for try await piece in input { try await files.complete { try file.append(piece) } }
            let export = try await files.complete { try ExportFile(file) }
            let rows = try await metadata.transfer.importRows { try export.reader() }
            forgetAll()
            return rows
        }
    }

    /// Invalidates all caches after all rows were replaced.
    package func forgetAll() {
        invalidation.forget(nil)
    }

    /// Provides a temporary file for rows, which may exceed the memory; the next start removes it after a crash.
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
