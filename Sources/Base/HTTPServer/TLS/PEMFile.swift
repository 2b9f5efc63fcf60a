// SPDX-License-Identifier: Apache-2.0

import Files
import Glibc
import Loops

/// A reader for small files whose paths users configure.
enum PEMFile {
    /// Exceeds the size of any certificate chain.
    private static let limit = 1 << 20

    /// Reads a file; every problem has its own message.
    static func read(_ path: String) throws -> [UInt8] {
        do {
            // A FIFO may have no writer.
            let file = try OpenFile.open(path, .readWithoutWaiting)
            let status = try file.status()
            switch status.kind {
            case .file: break
            case .folder: throw CertificateError(path: path, problem: "it is a directory")
            default: throw CertificateError(path: path, problem: "it is not a regular file")
            }
            // The file may grow while it is read.
            guard status.sizeInBytes <= limit, let content = try file.readRest(limit: limit) else {
                throw CertificateError(path: path, problem: "it is larger than \(limit >> 20) MiB")
            }
            guard !content.isEmpty else { throw CertificateError(path: path, problem: "it is empty") }
            return content
        } catch let error as FileError {
            throw CertificateError(path: path, problem: problem(of: error.code))
        }
    }

    /// Returns a message for a system error.
    static func problem(of code: Int32) -> String {
        switch code {
        case ENOENT: "it does not exist"
        case EPERM: "permission denied"
        case ENXIO: "it is not a regular file"
        default: SystemError.reason(code)
        }
    }
}
