// SPDX-License-Identifier: Apache-2.0

import Glibc

extension LocalDirectory {
    /// Returns the number of bytes that can still be written to the file system of a directory.
    package static func freeBytes(_ path: String) throws -> Int64 {
        var status = statvfs()
        guard unsafe statvfs(path, &status) == 0 else { throw BlobStoreError(errno: errno, "examine", path) }
        return Int64(clamping: UInt64(status.f_bavail) * UInt64(status.f_frsize))
    }

    /// Renames a file within its directory.
    package static func rename(_ path: String, to newPath: String) throws {
        guard unsafe Glibc.rename(path, newPath) == 0 else { throw BlobStoreError(errno: errno, "rename", path) }
    }
}
