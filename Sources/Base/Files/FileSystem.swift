// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The operations on names; every call blocks, so it belongs on a thread pool.
package enum FileSystem {
    /// Creates a folder for its owner only, without syncing; returns false when the path already exists.
    package static func makeFolder(_ path: String) throws -> Bool {
        if mkdir(path, 0o700) == 0 { return true }
        guard errno == EEXIST else { throw FileError(.create, path, errno) }
        return false
    }

    /// Syncs the entries of a folder.
    package static func synchronizeFolder(_ path: String) throws {
        try OpenFile.open(path, .folder).synchronize()
    }

    /// Adds a second name to a file; fails when that name exists.
    package static func link(_ path: String, as newPath: String) throws {
        guard Glibc.link(path, newPath) == 0 else { throw FileError(.link, newPath, errno) }
    }

    /// Renames a file atomically, replacing an existing one.
    package static func rename(_ path: String, to newPath: String) throws {
        guard Glibc.rename(path, newPath) == 0 else { throw FileError(.rename, path, errno) }
    }

    /// Removes a file's name; succeeds when the name does not exist.
    package static func unlink(_ path: String) throws {
        guard Glibc.unlink(path) == 0 || errno == ENOENT else { throw FileError(.remove, path, errno) }
    }

    /// Creates a socket's name for its owner only; nothing listens on it.
    package static func makeSocket(_ path: String) throws {
        guard mknod(path, S_IFSOCK | 0o600, 0) == 0 else { throw FileError(.create, path, errno) }
    }

    /// Opens a new file without a name, which stays open until the process ends; returns its descriptor.
    package static func openUnnamedFile(in folder: String) throws -> Int32 {
        let descriptor = Glibc.open(folder, unnamedFile | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(.create, folder, errno) }
        return descriptor
    }

    /// `O_TMPFILE`, a macro that Swift does not import.
    private static let unnamedFile = 0o20_000_000 | O_DIRECTORY

    /// Returns the names in a folder, without `.` and `..`.
    package static func entries(_ path: String) throws -> [String] {
        guard let stream = opendir(path) else { throw FileError(.list, path, errno) }
        defer { closedir(stream) }
        var names: [String] = []
        // Only a changed errno tells a failure from the end.
        errno = 0
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw FileError(.list, path, errno) }
        return names
    }

    /// Returns the number of bytes that can still be written to the file system of a path.
    package static func freeBytes(_ path: String) throws -> Int64 {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { throw FileError(.examine, path, errno) }
        return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }

    /// Whether a path exists, after its symbolic links.
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Throws when the process cannot create files in a folder, or cannot list it with `listing`.
    package static func checkWritable(_ path: String, listing: Bool = false) throws {
        guard access(path, W_OK | X_OK | (listing ? R_OK : 0)) == 0 else { throw FileError(.writeTo, path, errno) }
    }

    /// Returns the folder of a path's last component.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Returns the path of a file without symbolic links; nil if it does not exist.
    package static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Returns the target of a symbolic link; nil if the path is none.
    package static func target(ofLink path: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = bytes.withUnsafeMutableBytes { buffer in
            buffer.bindMemory(to: CChar.self).baseAddress.map { readlink(path, $0, buffer.count) } ?? 0
        }
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
