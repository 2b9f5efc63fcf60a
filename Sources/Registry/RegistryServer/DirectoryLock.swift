// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops

/// The lock on a data directory, released with its last reference or when the process ends.
package final class DirectoryLock: Sendable {
    private let descriptor: Int32

    /// Acquires the lock without waiting; returns nil if another process holds it.
    init?(_ path: String) throws {
        descriptor = unsafe path.withCString { unsafe open($0, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600) }
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            if code == EWOULDBLOCK { return nil }
            throw Self.failure(path, code)
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    private static func failure(_ path: String, _ code: Int32) -> DataDirectoryError {
        let reason = SystemError.reason(code)
        return DataDirectoryError(
            description: "cannot lock \(path): \(reason); check the data directory and its permissions"
        )
    }
}
