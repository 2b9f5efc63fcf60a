// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A listening socket in the file system, whose file this process made and removes.
///
/// Servers that take the same path do it one after another, by a lock on its folder, so that no one removes the socket of
/// another that lives.
package final class UnixSocketFile: Sendable {
    private static let queueLength: Int32 = 4096
    private static let attempts = 100

    package let path: String
    /// The socket, for `ListenAddress.inherited`.
    package let descriptor: Int32
    /// The file itself, which keeps its number from being given to another.
    private let file: Int32

    /// `O_PATH`, which opens a file for nothing but its identity.
    private static let identityOnly: Int32 = 0o10_000_000

    /// Makes the file with these permissions, and listens; a socket that nobody listens at any more is replaced.
    ///
    /// The code of a `ListenError` is `ENOTSOCK` when something else is in its place.
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
        // Until it has its permissions, the file has none.
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

    /// Removes the file, unless it is another's by now.
    package func remove() {
        let lock = Self.lockFolder(of: path)
        defer { if lock >= 0 { close(lock) } }
        var (found, own) = (stat(), stat())
        guard lstat(path, &found) == 0, fstat(file, &own) == 0, found.st_dev == own.st_dev, found.st_ino == own.st_ino
        else { return }
        unlink(path)
    }

    /// A descriptor that holds the lock; -1 with `errno` when there is none.
    private static func lockFolder(of path: String) -> Int32 {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        let folder = path[..<slash].isEmpty ? "/" : String(path[..<slash])
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return -1 }
        // Others hold it for the blink of an eye.
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

    /// Removes what a dead process left behind; the number of an error when the place is not free.
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
        // A full queue, or a socket of another kind, is somebody's.
        default: return EADDRINUSE
        }
    }
}
