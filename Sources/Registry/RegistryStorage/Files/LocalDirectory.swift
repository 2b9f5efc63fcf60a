// SPDX-License-Identifier: Apache-2.0

import Files
import Glibc

/// The operations of a local store on names; every call blocks and throws `BlobStoreError`.
package enum LocalDirectory {
    /// Creates a directory for its owner only, and syncs its parent.
    ///
    /// Returns false when the directory already exists.
    @discardableResult
    package static func create(_ path: String) throws -> Bool {
        guard try makeEntry(path) else { return false }
        try synchronize(FileSystem.folder(of: path))
        return true
    }

    /// Creates a directory without syncing; returns false when the directory already exists.
    @discardableResult
    package static func makeEntry(_ path: String) throws -> Bool {
        try BlobStoreError.translating { try FileSystem.makeFolder(path) }
    }

    /// Syncs the entries of a directory.
    package static func synchronize(_ path: String) throws {
        try BlobStoreError.translating { try FileSystem.synchronizeFolder(path) }
    }

    /// Adds a second name to a file; fails when that name exists.
    package static func link(_ path: String, as newPath: String) throws {
        try BlobStoreError.translating { try FileSystem.link(path, as: newPath) }
    }

    /// Renames a file within its directory.
    package static func rename(_ path: String, to newPath: String) throws {
        try BlobStoreError.translating { try FileSystem.rename(path, to: newPath) }
    }

    /// Removes a file's name; succeeds when the name does not exist.
    package static func unlink(_ path: String) throws {
        try BlobStoreError.translating { try FileSystem.unlink(path) }
    }

    /// Returns the size of a regular file in bytes, or nil when there is none.
    package static func fileSizeInBytes(_ path: String) throws -> Int64? {
        try fileSizeAndAge(path)?.sizeInBytes
    }

    /// Returns the size of a regular file and the time since the last change of its names or bytes, or nil when there is none.
    package static func fileSizeAndAge(_ path: String) throws -> (sizeInBytes: Int64, age: Duration)? {
        do {
            let status = try FileStatus(of: path, followsLink: false)
            return status.kind == .file ? (status.sizeInBytes, status.age) : nil
        } catch let error as FileError {
            if error.code == ENOENT { return nil }
            throw BlobStoreError(error)
        }
    }

    /// Returns the names in a directory, without `.` and `..`.
    package static func entries(_ path: String) throws -> [String] {
        try BlobStoreError.translating { try FileSystem.entries(path) }
    }

    /// Returns the number of bytes that can still be written to the file system of a directory.
    package static func freeBytes(_ path: String) throws -> Int64 {
        try BlobStoreError.translating { try FileSystem.freeBytes(path) }
    }

    /// Throws when the process cannot create files in a directory.
    package static func checkWritable(_ path: String) throws {
        try BlobStoreError.translating { try FileSystem.checkWritable(path) }
    }
}

extension BlobStoreError {
    /// Runs work with files, whose errors become those of a store.
    static func translating<Value>(_ work: () throws -> Value) throws -> Value {
        do {
            return try work()
        } catch let error as FileError {
            throw BlobStoreError(error)
        }
    }

    init(_ error: FileError) {
        let code: Code =
            switch error.code {
            case ENOENT, ENOTDIR: .missing
            case ENOSPC, EDQUOT, EFBIG: .full
            case EROFS, EACCES, EPERM: .readOnly
            case EIO, EMFILE, ENFILE, ENOMEM, ESTALE: .unavailable
            default: .other
            }
        self.init(code, error.description)
    }
}
