// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A listening Unix socket whose file this process creates and removes.
///
/// A lock on the folder serializes servers that use the same path, so that none removes the socket of a running server.
package final class UnixSocketFile: Sendable {
    private static let queueLength: Int32 = 4096
    private static let attempts = 100

    package let path: String
    /// The socket, for use in `ListenAddress.inherited`.
    package let descriptor: Int32
    /// An open descriptor of the file, which prevents the reuse of its inode number.
    private let file: Int32

    /// `O_PATH`, which opens a file only to identify it.
    private static let identityOnly: Int32 = 0o10_000_000

    /// Creates the file with the given permissions and listens; replaces a socket without a listener.
    ///
    /// The code of the `ListenError` is `ENOTSOCK` when the path is not a socket.
    package init(path: String, permissions: UInt32) throws(ListenError) {
        func failure(_ code: Int32) -> ListenError { ListenError(address: .unix(path: path), code: code) }
        guard let address = SocketAddress(path: path) else { throw failure(ENAMETOOLONG) }
        let lock = Self.lockFolder(of: path)
        guard lock >= 0 else { throw failure(errno) }
        defer { close(lock) }
        let obstacle = Self.clear(path, address)
        guard obstacle == 0 else { throw failure(obstacle) }
        let socket = linux_socket(AF_UNIX)
        guard socket >= 0 else { throw failure(errno) }
        // The file has no permissions until `chmod` sets the final ones.
        fchmod(socket, 0)
        guard address.withPointer({ bind(socket, $0, $1) }) == 0 else {
            let code = errno
            close(socket)
            throw failure(code)
        }
        let file = open(path, Self.identityOnly | O_NOFOLLOW | O_CLOEXEC)
        guard file >= 0, chmod(path, permissions) == 0, listen(socket, Self.queueLength) == 0 else {
            let code = errno
            unlink(path)
            if file >= 0 { close(file) }
            close(socket)
            throw failure(code)
        }
        self.path = path
        self.file = file
        descriptor = socket
    }

    deinit { close(file) }

    /// Removes the file, unless another process has replaced it.
    package func remove() {
        let lock = Self.lockFolder(of: path)
        defer { if lock >= 0 { close(lock) } }
        var (found, own) = (stat(), stat())
        guard lstat(path, &found) == 0, fstat(file, &own) == 0, found.st_dev == own.st_dev, found.st_ino == own.st_ino
        else { return }
        unlink(path)
    }

    /// Returns a descriptor that holds the lock; -1 with `errno` on failure.
    private static func lockFolder(of path: String) -> Int32 {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let folder = path[..<slash].isEmpty ? "/" : String(path[..<slash])
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return -1 }
        // Other processes hold the lock only briefly.
        for _ in 0..<attempts {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return descriptor }
            guard errno == EWOULDBLOCK || errno == EINTR else { break }
            usleep(20_000)
        }
        let code = errno
        close(descriptor)
        errno = code
        return -1
    }

    /// Removes the file of a dead process; returns an error number when the path is in use.
    private static func clear(_ path: String, _ address: SocketAddress) -> Int32 {
        var status = stat()
        guard lstat(path, &status) == 0 else { return errno == ENOENT ? 0 : errno }
        guard status.st_mode & S_IFMT == S_IFSOCK else { return ENOTSOCK }
        let probe = linux_socket(AF_UNIX)
        guard probe >= 0 else { return errno }
        defer { close(probe) }
        if address.withPointer({ connect(probe, $0, $1) }) == 0 { return EADDRINUSE }
        switch errno {
        case ECONNREFUSED: return unlink(path) == 0 || errno == ENOENT ? 0 : errno
        case ENOENT: return 0
        case EACCES, EPERM: return errno
        // A full queue or a socket of another type belongs to a running process.
        default: return EADDRINUSE
        }
    }
}
