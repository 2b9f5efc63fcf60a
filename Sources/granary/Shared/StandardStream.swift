// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops
import RegistryClient

/// Writes to a standard stream at once, also when it is a pipe.
struct StandardStream {
    static let standardOutput = StandardStream(descriptor: STDOUT_FILENO)
    static let standardError = StandardStream(descriptor: STDERR_FILENO)

    let descriptor: Int32

    /// Opens the standard streams that the process was started without, so that no other file takes their place.
    ///
    /// Each is open for the wrong direction alone, so that its use fails as that of a closed one does (EBADF).
    static func openMissing() {
        for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest free number is taken, which is this one.
            _ = unsafe open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
        }
    }

    /// Writes what a command has found or done; throws when nobody gets it.
    func print(_ text: String) throws {
        guard write(text) else {
            if errno == EPIPE { throw BrokenPipe() }
            throw ClientError(
                .io,
                "cannot write the results: \(systemReason(errno)); the command's changes are not undone"
            )
        }
    }

    /// Writes text without buffering; false when that failed.
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

/// Who read the results has seen enough; the command ends as SIGPIPE ends programs, without a word.
struct BrokenPipe: Error {}
