// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A small file with a secret, or a pipe such as the shell's `<(command)`.
enum SmallFile {
    /// Far more bytes than any secret has.
    private static let limit = 1 << 16

    /// Reads the file to its end; returns nil if it is unreadable or not small.
    static func read(_ path: String) -> [UInt8]? {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while content.count <= limit {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe Glibc.read(file, $0.baseAddress, $0.count) }
            if count == 0 { return content }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            content += piece[..<count]
        }
        return nil
    }
}
