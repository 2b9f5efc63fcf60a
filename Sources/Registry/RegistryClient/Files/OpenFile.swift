// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops
import RegistryCore

/// A local file that is closed with its last reference; its calls block threads of their own.
final class OpenFile: Sendable {
    enum Mode {
        case read
        /// Writes a new file with these permissions; the file must not exist.
        case create(permissions: mode_t)
    }

    private static let pool = BlockingPool(name: "files", threads: 2)

    /// The name of the file in messages.
    let name: String
    private let descriptor: Int32
    private let isOwned: Bool

    private init(path: String, descriptor: Int32) {
        name = path.quoted()
        self.descriptor = descriptor
        isOwned = true
    }

    /// Uses a descriptor that the caller has opened and closes.
    init(borrowing descriptor: Int32, name: String) {
        self.name = name
        self.descriptor = descriptor
        isOwned = false
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// Opens a file.
    static func open(_ path: String, _ mode: Mode) async throws -> OpenFile {
        let (flags, permissions): (Int32, mode_t) =
            switch mode {
            case .read: (O_RDONLY | O_CLOEXEC, 0)
            case .create(let permissions): (O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, permissions)
            }
        return try await pool.complete {
            let descriptor = unsafe path.withCString { unsafe Glibc.open($0, flags, permissions) }
            guard descriptor >= 0 else {
                throw ClientError(.io, "cannot open \(path.quoted()): \(systemReason(errno))")
            }
            return OpenFile(path: path, descriptor: descriptor)
        }
    }

    /// Returns the size in bytes.
    func sizeInBytes() async throws -> Int64 {
        try await Self.pool.complete { [self] in
            var status = stat()
            guard unsafe fstat(descriptor, &status) == 0 else { throw failure("read", errno) }
            return Int64(status.st_size)
        }
    }

    /// Reads up to `count` bytes at an offset; fewer only at the end of the file.
    func read(at offset: Int64, count: Int) async throws -> [UInt8] {
        try await Self.pool.complete { [self] in
            try unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
                while done < count {
                    let start = unsafe buffer.baseAddress.map { unsafe $0 + done }
                    let got = unsafe pread(descriptor, start, count - done, off_t(offset) + off_t(done))
                    if got == 0 { return }
                    if got > 0 { done += got } else if errno != EINTR { throw failure("read", errno) }
                }
            }
        }
    }

    /// Writes all bytes at an offset.
    func write(_ bytes: [UInt8], at offset: Int64) async throws {
        try await Self.pool.complete { [self] in
            var done = 0
            while done < bytes.count {
                let count = unsafe bytes.withUnsafeBytes { bytes in
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
                    return unsafe pwrite(descriptor, rest.baseAddress, rest.count, off_t(offset) + off_t(done))
                }
                if count >= 0 { done += count } else if errno != EINTR { throw failure("write", errno) }
            }
        }
    }

    /// Writes all bytes after the previous ones.
    func append(_ bytes: [UInt8]) async throws {
        try await Self.pool.complete { [self] in
            var done = 0
            while done < bytes.count {
                let count = unsafe bytes.withUnsafeBytes { bytes in
                    let rest = unsafe UnsafeRawBufferPointer(rebasing: bytes[done...])
                    return PeerWait.during { unsafe Glibc.write(descriptor, rest.baseAddress, rest.count) }
                }
                if count >= 0 { done += count } else if errno != EINTR { throw failure("write", errno) }
            }
        }
    }

    /// Syncs the written bytes to disk.
    func synchronize() async throws {
        try await Self.pool.complete { [self] in
            guard fsync(descriptor) == 0 else {
                throw ClientError(.io, "cannot write \(name) to disk: \(systemReason(errno))")
            }
        }
    }

    /// Renames a file atomically, replacing an existing one.
    static func rename(_ path: String, to newPath: String) async throws {
        try await pool.complete {
            guard unsafe Glibc.rename(path, newPath) == 0 else {
                throw ClientError(
                    .io,
                    "cannot rename \(path.quoted()) to \(newPath.quoted()): \(systemReason(errno))"
                )
            }
        }
    }

    private func failure(_ action: String, _ code: Int32) -> ClientError {
        ClientError(.io, "cannot \(action) \(name): \(systemReason(code))")
    }
}

/// Syncs the folder of the given path, which makes a rename durable.
func synchronizeFolder(of path: String) async throws {
    try await OpenFile.open(folder(of: path), .read).synchronize()
}

/// Returns the folder of a path's last component.
func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Returns a text for an error number of the operating system.
package func systemReason(_ number: CInt) -> String {
    switch number {
    case ENOENT: "no such file or folder"
    case EACCES, EPERM: "permission denied"
    case EEXIST: "it already exists"
    case EISDIR: "it is a folder"
    case ENOTDIR: "a part of the path is not a folder"
    case ENAMETOOLONG: "the name is too long"
    case ENOSPC, EDQUOT: "no space is left on the device"
    case EFBIG: "the file system does not support files of this size"
    case EROFS: "the file system is read-only"
    case EIO: "disk I/O error"
    case EMFILE, ENFILE: "too many files are open"
    case EBADF: "it is closed"
    case EPIPE: "the reader has closed it"
    default: "system error \(number)"
    }
}
