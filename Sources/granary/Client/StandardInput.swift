// SPDX-License-Identifier: Apache-2.0

import Files
import FoundationEssentials
import Glibc
import RegistryClient
import RegistryCore

/// The standard input of a command as a file.
enum StandardInput {
    private static let pieceSize = 1 << 20

    /// Copies standard input to an unnamed temporary file, and returns a path that opens it.
    ///
    /// A file can be sent again after a lost connection, and its digest is known before it is sent.
    static func keep() throws -> String {
        let folder = ProcessInfo.processInfo.environment["TMPDIR"].flatMap { $0.isEmpty ? nil : $0 } ?? "/var/tmp"
        do {
            let descriptor = try FileSystem.openUnnamedFile(in: folder)
            let copy = OpenFile(borrowing: descriptor, path: folder)
            let input = OpenFile(borrowing: STDIN_FILENO, path: "standard input")
            while true {
                let piece = try input.readNext(pieceSize)
                if piece.isEmpty { return "/proc/self/fd/\(descriptor)" }
                try copy.append(piece)
            }
        } catch let error as FileError {
            if error.action == .read { throw ClientError(.io, "cannot read standard input: \(error.reason)") }
            throw ClientError(
                .io,
                "cannot buffer standard input in \(folder.quoted()): \(error.reason); set TMPDIR to another folder"
            )
        }
    }
}
