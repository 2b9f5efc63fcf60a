// SPDX-License-Identifier: Apache-2.0

import Files
package import Loops

/// An open file of a local store, closed when the last reference is released; every call blocks and throws `BlobStoreError`.
package final class LocalFile: Sendable {
    private let file: OpenFile

    private init(_ file: OpenFile) { self.file = file }

    /// The descriptor, valid for the lifetime of this object.
    package var descriptor: Int32 { file.descriptor }

    /// Opens a file for reading; refuses a symbolic link as the last path component.
    package static func openForReading(_ path: String) throws -> LocalFile {
        LocalFile(try BlobStoreError.translating { try OpenFile.open(path, .readUnlinked) })
    }

    /// Creates a new file, accessible by its owner only; fails when the file exists.
    package static func create(_ path: String) throws -> LocalFile {
        LocalFile(try BlobStoreError.translating { try OpenFile.open(path, .create(permissions: 0o600)) })
    }

    /// Makes a thread of the pool close the file when the last reference is released.
    package func closes(on pool: BlockingPool) -> LocalFile {
        file.closes(on: pool)
        return self
    }

    /// Returns the size in bytes.
    package func sizeInBytes() throws -> Int64 {
        try BlobStoreError.translating { try file.status().sizeInBytes }
    }

    /// Appends bytes.
    package func append(_ bytes: [UInt8]) throws {
        try BlobStoreError.translating { try file.append(bytes) }
    }

    /// Reads up to `count` bytes at an offset; fewer only at the end of the file.
    package func read(at offset: Int64, count: Int) throws -> [UInt8] {
        try BlobStoreError.translating { try file.read(at: offset, count: count) }
    }

    /// Asks the kernel to start writing an appended range to disk, without waiting for it.
    package func startWriteback(from offset: Int64, count: Int64) {
        file.startWriteback(from: offset, count: count)
    }

    /// Syncs the content to disk; a failure is final for this file.
    package func synchronize() throws {
        try BlobStoreError.translating { try file.synchronize() }
    }
}
