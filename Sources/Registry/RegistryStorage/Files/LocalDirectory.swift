// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops

/// The operations on directory entries; every call blocks, so it belongs on a thread pool.
package enum LocalDirectory {
    /// Creates a directory for its owner only, and syncs its parent.
    ///
    /// Returns false when the directory already exists.
    @discardableResult
    package static func create(_ path: String) throws -> Bool {
        guard try makeEntry(path) else { return false }
        try synchronize(parent(of: path))
        return true
    }

    /// Creates a directory without syncing; returns false when the directory already exists.
    @discardableResult
    package static func makeEntry(_ path: String) throws -> Bool {
        if unsafe mkdir(path, 0o700) == 0 { return true }
        guard errno == EEXIST else { throw BlobStoreError(errno: errno, "create", path) }
        return false
    }

    /// Syncs the entries of a directory.
    package static func synchronize(_ path: String) throws {
        let descriptor = unsafe path.withCString { unsafe Glibc.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
        guard descriptor >= 0 else { throw BlobStoreError(errno: errno, "open", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw BlobStoreError(errno: errno, "sync", path) }
    }

    /// Adds a second name to a file; fails when that name exists.
    package static func link(_ path: String, as newPath: String) throws {
        guard unsafe Glibc.link(path, newPath) == 0 else { throw BlobStoreError(errno: errno, "link", newPath) }
    }

    /// Removes a file's name; succeeds when the name does not exist.
    package static func unlink(_ path: String) throws {
        guard unsafe Glibc.unlink(path) == 0 || errno == ENOENT else {
            throw BlobStoreError(errno: errno, "remove", path)
        }
    }

    /// Returns the size of a regular file in bytes, or nil when there is none.
    package static func fileSizeInBytes(_ path: String) throws -> Int64? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw BlobStoreError(errno: errno, "stat", path)
        }
        return status.st_mode & S_IFMT == S_IFREG ? Int64(status.st_size) : nil
    }

    /// Returns the size of a regular file and the time since the last change of its names or bytes, or nil when there is none.
    package static func fileSizeAndAge(_ path: String) throws -> (sizeInBytes: Int64, age: Duration)? {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else {
            if errno == ENOENT { return nil }
            throw BlobStoreError(errno: errno, "stat", path)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        var now = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &now)
        let age = Duration(now) - Duration(status.st_ctim)
        return (Int64(status.st_size), max(age, .zero))
    }

    /// Returns the names in a directory, without `.` and `..`.
    package static func entries(_ path: String) throws -> [String] {
        guard let stream = unsafe opendir(path) else { throw BlobStoreError(errno: errno, "list", path) }
        defer { unsafe closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Throws when the process cannot create files in a directory.
    package static func checkWritable(_ path: String) throws {
        guard unsafe access(path, W_OK | X_OK) == 0 else { throw BlobStoreError(errno: errno, "write to", path) }
    }

    private static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}

extension Duration {
    fileprivate init(_ time: timespec) {
        self = .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

extension BlobStoreError {
    /// Translates the error of a system call.
    init(errno code: Int32, _ verb: String, _ path: String) {
        self.init(Self.code(of: code), "could not \(verb) \(path): \(SystemError.reason(code))")
    }

    private static func code(of code: Int32) -> Code {
        switch code {
        case ENOENT, ENOTDIR: .missing
        case ENOSPC, EDQUOT, EFBIG: .full
        case EROFS, EACCES, EPERM: .readOnly
        case EIO, EMFILE, ENFILE, ENOMEM, ESTALE: .unavailable
        default: .other
        }
    }
}
