// SPDX-License-Identifier: Apache-2.0

import Files
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
            guard let folder = FileSystem.resolved((path.hasPrefix("/") ? "/" : "./") + parent) else { return nil }
            if folder == "/proc/\(getpid())/fd" { return Int32(name) }
            guard let target = FileSystem.target(ofLink: folder + "/" + name) else { return nil }
            path = target.hasPrefix("/") ? target : folder + "/" + target
        }
        return nil
    }
}
