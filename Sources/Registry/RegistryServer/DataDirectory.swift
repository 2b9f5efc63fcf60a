// SPDX-License-Identifier: Apache-2.0

import Files
import Glibc
import RegistryStorage

/// The directory with all data that a registry stores on the local disk.
package struct DataDirectory: Hashable, Sendable {
    /// The path of the directory, without a trailing slash.
    package let path: String

    /// The path of the embedded database with the metadata.
    package var database: String { path + "/granary.db" }
    /// The path of the directory with the content of published files.
    package var blobs: String { path + "/blobs" }
    /// The path of the directory with content that is being uploaded.
    package var staging: String { path + "/staging" }
    /// The path of the file whose lock marks the directory as in use.
    package var lockFile: String { path + "/granary.lock" }
    /// The path of the socket on which the process that holds the lock receives administrators' commands.
    package var adminSocket: String { path + "/" + Self.adminSocketName }

    static let adminSocketName = "admin.sock"

    private init(path: String) {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        self.path = String(path)
    }

    /// Creates the directory if it is missing, for its owner only; throws if it cannot be used.
    ///
    /// All files that this process creates afterwards are readable by their owner only.
    package static func prepare(_ path: String) throws -> DataDirectory {
        umask(0o077)
        let directory = DataDirectory(path: path)
        guard !directory.path.isEmpty else {
            throw DataDirectoryError(description: "the path of the data directory is empty: give one with --data")
        }
        try directory.create()
        try directory.check()
        return directory
    }

    /// Returns a directory that contains a registry; throws if there is none or it cannot be used.
    package static func existing(_ path: String) throws -> DataDirectory {
        umask(0o077)
        let directory = DataDirectory(path: path)
        guard status(of: directory.lockFile) != nil || status(of: directory.database) != nil else {
            throw DataDirectoryError(
                description: "there is no registry in \(path): start granary serve first, "
                    + "or name its directory with --data"
            )
        }
        try directory.check()
        return directory
    }

    /// Locks the directory for this process; returns nil if another process holds the lock.
    package func lock() throws -> DirectoryLock? {
        try DirectoryLock(lockFile)
    }

    private func create() throws {
        var missing: [String] = []
        var parent = path
        while !parent.isEmpty, Self.status(of: parent) == nil {
            missing.append(parent)
            guard let slash = parent.lastIndex(of: "/") else { break }
            parent = String(parent[..<slash])
        }
        do {
            for path in missing.reversed() { try LocalDirectory.create(path) }
        } catch {
            throw DataDirectoryError(
                description:
                    "cannot create the data directory \(self.path): \(error); choose a location writable for user "
                    + "\(geteuid()), on a local file system such as ext4 or XFS"
            )
        }
    }

    private func check() throws {
        guard let status = Self.status(of: path), status.kind == .folder else {
            throw DataDirectoryError(description: "\(path) is not a directory: choose another data directory")
        }
        // Another user, often root by mistake, would create files that the owner cannot open.
        if let file = Self.status(of: database), file.userID != geteuid() {
            throw DataDirectoryError(
                description: "the registry in \(path) belongs to user \(file.userID): run granary as that user, "
                    + "not as user \(geteuid())"
            )
        }
        guard (try? FileSystem.checkWritable(path, listing: true)) != nil else {
            throw DataDirectoryError(
                description: "the data directory \(path) is not writable for user \(geteuid()): "
                    + "change its owner, or choose another one"
            )
        }
    }

    private static func status(of path: String) -> FileStatus? { try? FileStatus(of: path) }
}

/// The reason why a data directory cannot be used.
package struct DataDirectoryError: Error, CustomStringConvertible {
    /// The problem and its remedy.
    package let description: String
}
