// SPDX-License-Identifier: Apache-2.0

import Glibc
import RegistryClient
import RegistryCore

/// An open descriptor that a path names, such as `/dev/stdout`, `/dev/fd/3` or a link to one of them.
///
/// Opening the path again would start at the beginning of the file and overwrite its content.
struct OpenDescriptor: Equatable {
    /// The kernel's limit on the number of links.
    private static let mostLinks = 40

    let number: Int32

    /// Creates a descriptor from a path; returns nil for other paths, and throws if the descriptor is not writable.
    init?(_ path: String?) throws {
        guard let path, let number = Self.number(path) else { return nil }
        let flags = fcntl(number, F_GETFL)
        guard flags >= 0, flags & O_ACCMODE != O_RDONLY else {
            let reason = flags < 0 ? "it is not open" : "it is open for reading only"
            throw ClientError(.io, "cannot write to \(path.quoted()): \(reason); choose another place with --output")
        }
        self.number = number
    }

    private static func number(_ path: String) -> Int32? {
        var path = path
        for _ in 0..<mostLinks {
            let parts = path.split(separator: "/", omittingEmptySubsequences: true)
            guard let name = parts.last else { return nil }
            let parent = parts.dropLast().joined(separator: "/")
            guard let folder = resolved(path.hasPrefix("/") ? "/" + parent : "./" + parent) else { return nil }
            if folder == "/proc/\(getpid())/fd" { return Int32(name) }
            guard let target = target(ofLink: folder + "/" + name) else { return nil }
            path = target.hasPrefix("/") ? target : folder + "/" + target
        }
        return nil
    }

    private static func resolved(_ folder: String) -> String? {
        guard let path = unsafe realpath(folder, nil) else { return nil }
        defer { unsafe free(path) }
        return unsafe String(cString: path)
    }

    private static func target(ofLink path: String) -> String? {
        var bytes = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = unsafe bytes.withUnsafeMutableBytes { buffer in
            guard let text = unsafe buffer.bindMemory(to: CChar.self).baseAddress else { return 0 }
            return unsafe readlink(path, text, buffer.count)
        }
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
