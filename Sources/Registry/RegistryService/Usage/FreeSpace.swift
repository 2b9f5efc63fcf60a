// SPDX-License-Identifier: Apache-2.0

import Loops
import RegistryStorage
import Synchronization

/// The free space of a disk, queried at most ten times a second while there is plenty.
final class FreeSpace: Sendable {
    private static let lifetime = Duration.milliseconds(100)
    /// More than can be written within the lifetime; below it, every call queries the disk.
    private static let plenty: Int64 = 1 << 30

    private let directory: String
    private let pool: BlockingPool
    private let last = Mutex<(bytes: Int64, at: ContinuousClock.Instant)?>(nil)

    init(directory: String, pool: BlockingPool) {
        self.directory = directory
        self.pool = pool
    }

    /// Returns the number of free bytes; a cached value is used only if it far exceeds `needed`.
    func freeBytes(atLeast needed: Int64) async throws -> Int64 {
        let now = ContinuousClock.now
        if let last = last.withLock({ $0 }), now - last.at < Self.lifetime, last.bytes - needed > Self.plenty {
            return last.bytes
        }
        let bytes = try await pool.complete { [directory] in try LocalDirectory.freeBytes(directory) }
        last.withLock { $0 = (bytes, now) }
        return bytes
    }
}
