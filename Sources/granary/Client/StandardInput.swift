// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import RegistryClient
import RegistryCore

/// The standard input of a command as a file.
enum StandardInput {
    private static let pieceSize = 1 << 20
    /// `O_TMPFILE`, a macro that Swift does not import.
    private static let unnamedFile = 0o20_000_000 | O_DIRECTORY

    /// Copies standard input to an unnamed temporary file, and returns a path that opens it.
    ///
    /// A file can be sent again after a lost connection, and its digest is known before it is sent.
    static func keep() throws -> String {
        let folder = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/var/tmp"
        let file = unsafe open(folder, unnamedFile | O_RDWR | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw ClientError(
                .io,
                "cannot buffer standard input in \(folder.quoted()): \(systemReason(errno)); set TMPDIR to another folder"
            )
        }
        var piece = [UInt8](repeating: 0, count: pieceSize)
        while true {
            let count = unsafe piece.withUnsafeMutableBytes { unsafe read(STDIN_FILENO, $0.baseAddress, $0.count) }
            if count == 0 { return "/proc/self/fd/\(file)" }
            guard count > 0 else { throw ClientError(.io, "cannot read standard input: \(systemReason(errno))") }
            guard write(piece[..<count], to: file) else {
                throw ClientError(
                    .io,
                    "cannot buffer standard input in \(folder.quoted()): \(systemReason(errno)); set TMPDIR to another folder"
                )
            }
        }
    }

    private static func write(_ bytes: ArraySlice<UInt8>, to file: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(file, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
