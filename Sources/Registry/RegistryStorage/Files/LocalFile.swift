// SPDX-License-Identifier: Apache-2.0

import Glibc
package import NIOCore

/// An open file, closed when the last reference goes; every call blocks, so it belongs on a thread pool.
package final class LocalFile: Sendable {
    /// The descriptor, valid as long as this object lives.
    package let descriptor: Int32
    private let path: String

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { close(descriptor) }

    /// Opens a file for reading; a symbolic link in the last place is refused.
    package static func openForReading(_ path: String) throws -> LocalFile {
        try open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    }

    /// Creates a file that must not exist, readable by its owner only.
    package static func create(_ path: String) throws -> LocalFile {
        try open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW)
    }

    private static func open(_ path: String, _ flags: Int32) throws -> LocalFile {
        let descriptor = unsafe path.withCString { unsafe Glibc.open($0, flags, 0o600) }
        guard descriptor >= 0 else { throw BlobStoreError(errno: errno, "open", path) }
        return LocalFile(descriptor: descriptor, path: path)
    }

    /// The size in bytes.
    package func sizeInBytes() throws -> Int64 {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else { throw BlobStoreError(errno: errno, "stat", path) }
        return Int64(status.st_size)
    }

    /// Appends all readable bytes of a buffer.
    package func append(_ buffer: ByteBuffer) throws {
        try unsafe buffer.withUnsafeReadableBytes { bytes in
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
    package func read(at offset: Int64, count: Int) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        while buffer.readableBytes < count {
            let position = off_t(offset) + off_t(buffer.readableBytes)
            let wanted = count - buffer.readableBytes
            let read = try unsafe buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: wanted) { space in
                try unsafe readOnce(into: space.baseAddress, count: min(space.count, wanted), at: position)
            }
            if read == 0 { break }
        }
        return buffer
    }

    private func readOnce(into base: UnsafeMutableRawPointer?, count: Int, at position: off_t) throws -> Int {
        while true {
            let got = unsafe pread(descriptor, base, count, position)
            if got >= 0 { return got }
            guard errno == EINTR else { throw BlobStoreError(errno: errno, "read", path) }
        }
    }

    /// Asks the kernel to begin writing what was appended in a range, without waiting for it.
    package func startWriteback(from offset: Int64, count: Int64) {
        // Of pages that are dirty, "not needed" starts the writing and keeps them. It only spreads the disk's work over
        // the transfer: durability rests on `synchronize` alone.
        _ = posix_fadvise(descriptor, off_t(offset), off_t(count), POSIX_FADV_DONTNEED)
    }

    /// Waits until the content is on the disk; a failure is final for this file.
    package func synchronize() throws {
        guard fsync(descriptor) == 0 else { throw BlobStoreError(errno: errno, "sync", path) }
    }
}
