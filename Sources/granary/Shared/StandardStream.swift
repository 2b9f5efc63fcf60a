// SPDX-License-Identifier: Apache-2.0

import Files
import Glibc
import RegistryClient

/// Writes to a standard stream without buffering, even if it is a pipe.
struct StandardStream {
    static let standardOutput = StandardStream(file: OpenFile(borrowing: STDOUT_FILENO, path: "standard output"))
    static let standardError = StandardStream(file: OpenFile(borrowing: STDERR_FILENO, path: "standard error"))

    let file: OpenFile

    /// Opens standard streams that are missing at startup, so that no other file gets their descriptors.
    ///
    /// Each is opened in the wrong direction only, so that its use fails like that of a closed one (EBADF).
    static func openMissing() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            // This opens the lowest free number, which is the missing one.
            _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Writes a command's results; throws if the write fails.
    func print(_ text: String) throws {
        do {
            try append(text)
        } catch let error as FileError {
            if error.code == EPIPE { throw BrokenPipe() }
            throw ClientError(
                .io,
                "cannot write the results: \(error.reason); the command's changes are not undone"
            )
        }
    }

    /// Writes text without buffering; returns false on failure.
    @discardableResult
    func write(_ text: String) -> Bool {
        (try? append(text)) != nil
    }

    private func append(_ text: String) throws {
        try file.append(Array(text.utf8), toPeer: true)
    }
}

/// The error when the reader of the results has closed the pipe; the command then ends silently, as with SIGPIPE.
struct BrokenPipe: Error {}
