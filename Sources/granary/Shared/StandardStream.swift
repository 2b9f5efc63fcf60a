// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops
import RegistryClient

/// Writes to a standard stream without buffering, even if it is a pipe.
struct StandardStream {
    static let standardOutput = StandardStream(descriptor: STDOUT_FILENO)
    static let standardError = StandardStream(descriptor: STDERR_FILENO)

    let descriptor: Int32

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
        guard write(text) else {
            if errno == EPIPE { throw BrokenPipe() }
            throw ClientError(
                .io,
                "cannot write the results: \(systemReason(errno)); the command's changes are not undone"
            )
        }
    }

    /// Writes text without buffering; returns false on failure.
    @discardableResult
    func write(_ text: String) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            // The buffer is read only during the call.
            let written = PeerWait.during {
                unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
            }
            guard written > 0 else { return false }
            bytes = bytes.dropFirst(written)
        }
        return true
    }
}

/// The error when the reader of the results has closed the pipe; the command then ends silently, as with SIGPIPE.
struct BrokenPipe: Error {}
