// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A descriptor of this process that a path names, such as `/dev/stdout`, `/dev/fd/3` or a link to one of them.
struct OpenDescriptor {
    /// As many links as the kernel follows.
    private static let mostLinks = 40

    let number: Int32

    /// Nil when the path names something else.
    init?(path: String) {
        var path = path
        for _ in 0..<Self.mostLinks {
            let parts = path.split(separator: "/", omittingEmptySubsequences: true)
            guard let name = parts.last else { return nil }
            let parent = parts.dropLast().joined(separator: "/")
            guard let folder = Self.resolved(path.hasPrefix("/") ? "/" + parent : "./" + parent) else { return nil }
            if folder == "/proc/\(getpid())/fd" {
                guard let number = Int32(name) else { return nil }
                self.number = number
                return
            }
            guard let target = Self.target(ofLink: folder + "/" + name) else { return nil }
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
