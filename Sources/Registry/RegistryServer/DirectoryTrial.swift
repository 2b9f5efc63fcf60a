// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops
import RegistryStorage

/// Tests at startup that the file system of a data directory is suitable, so that no publish fails later.
struct DirectoryTrial {
    private let directory: DataDirectory
    private var file: String { directory.path + "/.trial" }
    private var link: String { directory.path + "/.trial-link" }
    private var socket: String { directory.path + "/.trial-socket" }

    /// Creates a test of a directory that this process has locked.
    init(_ directory: DataDirectory) { self.directory = directory }

    /// Runs the test; throws the first unsupported operation.
    func run(linksContent: Bool) throws {
        removeAll()
        defer { removeAll() }
        let descriptor = unsafe file.withCString { unsafe open($0, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600) }
        try check(descriptor >= 0, cannot: "create a file")
        defer { close(descriptor) }
        // Linux writes at least one of these bytes or returns an error.
        try check(unsafe write(descriptor, "trial", 5) > 0, cannot: "store a file")
        try check(fsync(descriptor) == 0, cannot: "sync a file to disk, which durable publishes need")
        do {
            try LocalDirectory.synchronize(directory.path)
        } catch {
            throw refusal(cannot: "sync a directory to disk, which durable publishes need", "\(error)")
        }
        var lock = flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 1, l_pid: 0)
        try check(unsafe fcntl(descriptor, F_SETLK, &lock) == 0, cannot: "lock a file, which the database needs")
        if linksContent {
            try check(unsafe Glibc.link(file, link) == 0, cannot: "create a hard link")
        }
        try check(
            unsafe mknod(socket, S_IFSOCK | 0o600, 0) == 0,
            cannot: "create a socket, which administrators' commands need"
        )
    }

    private func removeAll() {
        for path in [file, link, socket] { unsafe unlink(path) }
    }

    private func check(_ isDone: Bool, cannot ability: String) throws {
        let code = errno
        guard !isDone else { return }
        throw refusal(cannot: ability, SystemError.reason(code))
    }

    private func refusal(cannot ability: String, _ reason: String) -> DataDirectoryError {
        DataDirectoryError(
            description:
                "the file system of \(directory.path) cannot \(ability): \(reason); put the data directory onto a local "
                + "file system such as ext4 or XFS"
        )
    }
}
