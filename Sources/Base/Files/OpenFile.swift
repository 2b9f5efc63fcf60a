// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
package import Loops
import Synchronization

/// An open file, closed when the last reference is released; every call blocks, so it belongs on a thread pool.
package final class OpenFile: Sendable {
    /// The descriptor, valid for the lifetime of this object.
    package let descriptor: Int32
    /// The path, or another name for messages.
    package let path: String
    private let isOwned: Bool
    private let closer = Mutex<BlockingPool?>(nil)

    private init(_ descriptor: Int32, _ path: String, isOwned: Bool) {
        self.descriptor = descriptor
        self.path = path
        self.isOwned = isOwned
    }

    /// Opens a file.
    package static func open(_ path: String, _ mode: Mode) throws -> OpenFile {
        let descriptor = Glibc.open(path, mode.flags | O_CLOEXEC | O_NOCTTY, mode.permissions)
        guard descriptor >= 0 else { throw FileError(.open, path, errno) }
        return OpenFile(descriptor, path, isOwned: true)
    }

    /// Uses a descriptor that the caller has opened and closes.
    package convenience init(borrowing descriptor: Int32, path: String) {
        self.init(descriptor, path, isOwned: false)
    }

    deinit {
        guard isOwned else { return }
        let descriptor = descriptor
        // A pool that is shutting down accepts no work.
        if let pool = closer.withLock({ $0 }), pool.submit({ Glibc.close(descriptor) }) { return }
        Glibc.close(descriptor)
    }

    /// Makes a thread of the pool close the file when the last reference is released, on whatever thread that happens.
    ///
    /// The kernel frees the blocks of a removed file on close, and may wait for a busy disk. That takes hundreds of milliseconds, in which
    /// an event loop would serve no client.
    package func closes(on pool: BlockingPool) {
        closer.withLock { $0 = pool }
    }

    /// Returns the current attributes.
    package func status() throws -> FileStatus {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError(.stat, path, errno) }
        return FileStatus(status)
    }

    /// Syncs the content to disk; a failure is final for this file.
    package func synchronize() throws {
        guard fsync(descriptor) == 0 else { throw FileError(.sync, path, errno) }
    }

    /// Asks the kernel to start writing an appended range to disk, without waiting for it.
    package func startWriteback(from offset: Int64, count: Int64) {
        // This only spreads the disk's work over the transfer; durability depends on `synchronize` alone.
        _ = linux_start_writeback(descriptor, offset, count)
    }

    /// Acquires the file's lock without waiting; returns false if another process or object holds it.
    ///
    /// The lock is released when the file is closed.
    package func lock() throws -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            if code == EWOULDBLOCK { return false }
            throw FileError(.lock, path, code)
        }
        return true
    }

    /// Locks the first byte for this process, as databases do.
    package func lockFirstByte() throws {
        var lock = flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 1, l_pid: 0)
        guard fcntl(descriptor, F_SETLK, &lock) == 0 else { throw FileError(.lock, path, errno) }
    }
}

extension OpenFile {
    /// The way to open a file.
    package enum Mode: Sendable {
        case read
        /// Reads a file, and refuses a symbolic link as the last part of the path.
        case readUnlinked
        /// Reads a file, and returns at once from a pipe that has no writer.
        case readWithoutWaiting
        /// Writes to an existing file, such as a pipe, which is waited for.
        case write
        /// Reads and writes a new file; the path must not exist.
        case create(permissions: UInt32)
        /// Reads and writes a file for its owner only, which is created if it is missing; refuses a symbolic link.
        case createIfMissing
        case folder

        fileprivate var flags: Int32 {
            switch self {
            case .read: O_RDONLY
            case .readUnlinked: O_RDONLY | O_NOFOLLOW
            case .readWithoutWaiting: O_RDONLY | O_NONBLOCK
            case .write: O_WRONLY
            case .create: O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW
            case .createIfMissing: O_RDWR | O_CREAT | O_NOFOLLOW
            case .folder: O_RDONLY | O_DIRECTORY
            }
        }

        fileprivate var permissions: UInt32 {
            switch self {
            case .create(let permissions): permissions
            default: 0o600
            }
        }
    }
}
