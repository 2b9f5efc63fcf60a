// SPDX-License-Identifier: Apache-2.0

import Glibc
import RegistryStorage

/// The directory that holds everything a registry keeps on local disk.
package struct DataDirectory: Hashable, Sendable {
    /// The directory itself, without a slash at its end.
    package let path: String

    /// The metadata of the embedded database.
    package var database: String { path + "/granary.db" }
    /// The content of published files.
    package var blobs: String { path + "/blobs" }
    /// Content on its way in.
    package var staging: String { path + "/staging" }
    /// The file whose lock says that a process uses the directory.
    package var lockFile: String { path + "/granary.lock" }
    /// The socket on which that process takes administrators' commands.
    package var adminSocket: String { path + "/" + Self.adminSocketName }

    static let adminSocketName = "admin.sock"

    private init(path: String) {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path = path.dropLast() }
        self.path = String(path)
    }

    /// Creates the directory for its owner only when it is missing, and throws when it cannot be used.
    ///
    /// From then on this process creates every file readable by its owner only.
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

    /// Finds a directory that holds a registry, and throws when there is none or it cannot be used.
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

    /// Locks the directory for this process; nil when another process holds it.
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
        guard let status = Self.status(of: path), status.st_mode & S_IFMT == S_IFDIR else {
            throw DataDirectoryError(description: "\(path) is not a directory: choose another data directory")
        }
        // A second user, often root by mistake, would leave files behind that the first cannot open.
        if let file = Self.status(of: database), file.st_uid != geteuid() {
            throw DataDirectoryError(
                description: "the registry in \(path) belongs to user \(file.st_uid): run granary as that user, "
                    + "not as user \(geteuid())"
            )
        }
        guard unsafe access(path, R_OK | W_OK | X_OK) == 0 else {
            throw DataDirectoryError(
                description: "the data directory \(path) is not writable for user \(geteuid()): "
                    + "change its owner, or choose another one"
            )
        }
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status : nil
    }
}

/// Why a data directory cannot be used.
package struct DataDirectoryError: Error, CustomStringConvertible {
    /// What is wrong and what to do.
    package let description: String
}
