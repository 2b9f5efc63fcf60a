// SPDX-License-Identifier: Apache-2.0

import Files

/// The lock on a data directory, released with its last reference or when the process ends.
package final class DirectoryLock: Sendable {
    private let file: OpenFile

    /// Acquires the lock without waiting; returns nil if another process holds it.
    init?(_ path: String) throws {
        do {
            let opened = try OpenFile.open(path, .createIfMissing)
            guard try opened.lock() else { return nil }
            file = opened
        } catch let error as FileError {
            throw DataDirectoryError(
                description: "cannot lock \(path): \(error.reason); check the data directory and its permissions"
            )
        }
    }
}
