// SPDX-License-Identifier: Apache-2.0

import Glibc

extension LocalDirectory {
    /// How many bytes can still be written in the file system that holds a directory.
    package static func freeBytes(_ path: String) throws -> Int64 {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { throw BlobStoreError(errno: errno, "examine", path) }
        return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }

    /// Gives a file another name in the same directory.
    package static func rename(_ path: String, to newPath: String) throws {
        guard unsafe Glibc.rename(path, newPath) == 0 else { throw BlobStoreError(errno: errno, "rename", path) }
    }
}
