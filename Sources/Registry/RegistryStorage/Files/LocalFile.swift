// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
package import Loops
import Synchronization

/// An open file, closed when the last reference is released; every call blocks, so it belongs on a thread pool.
package final class LocalFile: Sendable {
    /// The descriptor, valid for the lifetime of this object.
    package let descriptor: Int32
    private let path: String
    private let closer = Mutex<BlockingPool?>(nil)

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit {
        let descriptor = descriptor
        // A pool that is shutting down accepts no work.
        if let pool = closer.withLock({ $0 }), pool.submit({ close(descriptor) }) { return }
        close(descriptor)
    }

    /// Makes a thread of the pool close the file when the last reference is released, on whatever thread that happens.
    ///
    /// The kernel frees the blocks of a removed file on close, and may wait for a busy disk. That takes hundreds of milliseconds, in which
    /// an event loop would serve no client.
    package func closes(on pool: BlockingPool) -> LocalFile {
        closer.withLock { $0 = pool }
        return self
    }

    /// Opens a file for reading; refuses a symbolic link as the last path component.
    package static func openForReading(_ path: String) throws -> LocalFile {
        try open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    }

    /// Creates a new file, accessible by its owner only; fails when the file exists.
    package static func create(_ path: String) throws -> LocalFile {
        try open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW)
    }

    private static func open(_ path: String, _ flags: Int32) throws -> LocalFile {
        let descriptor = unsafe path.withCString { unsafe Glibc.open($0, flags, 0o600) }
        guard descriptor >= 0 else { throw BlobStoreError(errno: errno, "open", path) }
        return LocalFile(descriptor: descriptor, path: path)
    }

    /// Returns the size in bytes.
    package func sizeInBytes() throws -> Int64 {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw BlobStoreError(errno: errno, "stat", path) }
        return Int64(status.st_size)
    }

    /// Appends bytes.
    package func append(_ bytes: [UInt8]) throws {
        try unsafe bytes.withUnsafeBytes { bytes in
            var rest = unsafe bytes
            while let base = rest.baseAddress, unsafe !rest.isEmpty {
                let written = unsafe write(descriptor, base, rest.count)
                if written < 0 {
                    if errno == EINTR { continue }
                    throw BlobStoreError(errno: errno, "write", path)
                }
                unsafe rest = unsafe UnsafeRawBufferPointer(rebasing: rest[written...])
            }
        }
    }

    /// Reads up to `count` bytes at an offset; fewer only at the end of the file.
    package func read(at offset: Int64, count: Int) throws -> [UInt8] {
        try unsafe Array(unsafeUninitializedCapacity: count) { space, filled in
            while filled < count, let base = space.baseAddress {
                let got = unsafe pread(descriptor, base + filled, count - filled, off_t(offset) + off_t(filled))
                if got == 0 { break }
                if got > 0 {
                    filled += got
                } else if errno != EINTR {
                    throw BlobStoreError(errno: errno, "read", path)
                }
            }
        }
    }

    /// Asks the kernel to start writing an appended range to disk, without waiting for it.
    package func startWriteback(from offset: Int64, count: Int64) {
        // This only spreads the disk's work over the transfer; durability depends on `synchronize` alone.
        _ = linux_start_writeback(descriptor, offset, count)
    }

    /// Syncs the content to disk; a failure is final for this file.
    package func synchronize() throws {
        guard fsync(descriptor) == 0 else { throw BlobStoreError(errno: errno, "sync", path) }
    }
}
