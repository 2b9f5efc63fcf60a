// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import NIOCore
import NIOPosix
import RegistryCore

/// Opens a file for as long as the body runs, off the cooperative pool.
///
/// NIO spells the initializer so because a handle is easily leaked; this scope is the only place that opens one.
func withOpenFile<Value>(
    _ path: String,
    mode: NIOFileHandle.Mode,
    flags: NIOFileHandle.Flags = .default,
    _ body: (NIOFileHandle) async throws -> Value
) async throws -> Value {
    let handle: NIOFileHandle
    do {
        handle = try await NIOThreadPool.singleton.runIfActive {
            try NIOFileHandle(_deprecatedPath: path, mode: mode, flags: flags)
        }
    } catch {
        throw ClientError(.io, "cannot open \(path.quoted()): \(systemReason(error))")
    }
    defer { try? handle.close() }
    return try await body(handle)
}

/// Makes what was written to the file durable.
func synchronize(_ handle: NIOFileHandle, path: String) async throws {
    try await NIOThreadPool.singleton.runIfActive {
        try handle.withUnsafeFileDescriptor { descriptor in
            guard fsync(descriptor) == 0 else {
                throw ClientError(.io, "cannot write \(path.quoted()) to disk: \(systemReason(errno))")
            }
        }
    }
}

/// Makes a rename durable: syncs the folder of the given path.
func synchronizeFolder(of path: String) async throws {
    let folder = folder(of: path)
    try await withOpenFile(folder, mode: .read) { handle in
        try await synchronize(handle, path: folder)
    }
}

/// The folder that a path's last component is in.
func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The operating system's word for a failure, such as "No such file or directory".
func systemReason(_ error: any Error) -> String {
    guard let error = error as? IOError else { return oneLine("\(error)", limit: 200) }
    return systemReason(error.errnoCode)
}

/// The operating system's word for an error number.
func systemReason(_ number: CInt) -> String {
    switch number {
    case ENOENT: "there is no such file or folder"
    case EACCES, EPERM: "permission denied"
    case EEXIST: "it exists already"
    case EISDIR: "it is a folder"
    case ENOTDIR: "a part of the path is not a folder"
    case ENAMETOOLONG: "the name is too long"
    case ENOSPC, EDQUOT: "no space is left there"
    case EFBIG: "the file system does not take files of this size"
    case EROFS: "the file system is read-only"
    case EIO: "the disk failed"
    case EMFILE, ENFILE: "too many files are open"
    case ECONNREFUSED: "nothing accepts connections there"
    case ECONNRESET, EPIPE: "it broke the connection off"
    case EHOSTUNREACH, ENETUNREACH, ENETDOWN: "there is no route to it"
    case ETIMEDOUT: "it did not answer in time"
    default: "system error \(number)"
    }
}
