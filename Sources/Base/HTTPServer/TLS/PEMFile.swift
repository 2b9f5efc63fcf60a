// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A reader for small files whose paths users configure.
enum PEMFile {
    /// Exceeds the size of any certificate chain.
    private static let limit = 1 << 20

    /// Reads a file; every problem has its own message.
    static func read(_ path: String) throws(CertificateError) -> [UInt8] {
        // Opens without blocking, because a FIFO may have no writer.
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard file >= 0 else { throw CertificateError(path: path, problem: problem(of: errno)) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw CertificateError(path: path, problem: problem(of: errno)) }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw CertificateError(path: path, problem: "it is a directory")
        default: throw CertificateError(path: path, problem: "it is not a regular file")
        }
        guard status.st_size <= limit else {
            throw CertificateError(path: path, problem: "it is larger than \(limit >> 20) MiB")
        }
        let content = try bytes(of: file, path: path)
        guard !content.isEmpty else { throw CertificateError(path: path, problem: "it is empty") }
        return content
    }

    private static func bytes(of file: Int32, path: String) throws(CertificateError) -> [UInt8] {
        var content: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        // The file may grow while it is read.
        while content.count <= limit {
            let count = Glibc.read(file, &piece, piece.count)
            if count == 0 { return content }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw CertificateError(path: path, problem: problem(of: errno)) }
            content += piece[..<count]
        }
        throw CertificateError(path: path, problem: "it is larger than \(limit >> 20) MiB")
    }

    /// Returns a message for a system error.
    static func problem(of errno: Int32) -> String {
        switch errno {
        case ENOENT: "it does not exist"
        case EACCES, EPERM: "permission denied"
        case ENXIO: "it is not a regular file"
        default: String(cString: strerror(errno))
        }
    }
}
