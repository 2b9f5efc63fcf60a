// SPDX-License-Identifier: Apache-2.0

import Digests
package import RegistryCore
import Synchronization

/// Caches verified credentials for one minute, so that not every request pays for a password check.
///
/// The cache holds no secrets, only message authentication codes under a key that never leaves this process.
package final class CredentialCache: Sendable {
    /// The cache key of a credential.
    struct Key: Hashable, Sendable {
        fileprivate let code: [UInt8]
    }

    /// The number of invalidations so far; the cache rejects a result that was verified in an earlier generation.
    package struct Generation: Hashable, Sendable {
        fileprivate let number: Int
    }

    private struct Entry {
        let caller: Caller
        let since: Timestamp
        let until: Timestamp
    }

    private static let lifetime = Duration.seconds(60)

    private let limit: Int
    private let now: @Sendable () -> Timestamp
    private let secret = SymmetricKey(size: .bits256)
    private let entries = Mutex<[Key: Entry]>([:])
    /// The number of the generation; written while `entries` is locked, read without the lock by every request.
    private let number = Atomic<Int>(0)
    private let start = ContinuousClock.now
    /// The moment, in nanoseconds after `start`, until which all changes by other processes are known.
    private let trustedUntil = Atomic<Int64>(.max)

    /// Creates a cache for up to `limit` credentials; the clock only has to measure elapsed time correctly.
    package init(limit: Int = 10_000, now: @escaping @Sendable () -> Timestamp) {
        self.limit = limit
        self.now = now
    }

    /// The number of cached credentials.
    var count: Int { entries.withLock { $0.count } }

    /// Invalidates all entries, including those that are being verified at this moment.
    package func forgetAll() {
        entries.withLock { entries in
            entries.removeAll(keepingCapacity: true)
            _ = number.add(1, ordering: .acquiringAndReleasing)
        }
    }

    /// Limits the use of cached entries to the time before a moment; without a call there is no limit.
    ///
    /// Processes that share a database must first receive each other's changes.
    package func trust(until moment: ContinuousClock.Instant) {
        let (seconds, attoseconds) = (moment - start).components
        trustedUntil.store(seconds * 1_000_000_000 + attoseconds / 1_000_000_000, ordering: .releasing)
    }

    /// The generation whose entries may be used now; nil if changes by other processes may be missing.
    package var trustedGeneration: Generation? {
        // Check the trust first: invalidations by other processes are applied before the trust is renewed.
        isTrusted ? generation : nil
    }

    /// The generation in which to verify and cache a credential.
    package var generation: Generation { Generation(number: number.load(ordering: .acquiring)) }

    private var isTrusted: Bool {
        let until = trustedUntil.load(ordering: .acquiring)
        return until == .max || ContinuousClock.now < start.advanced(by: .nanoseconds(until))
    }

    /// Returns the cache key of a credential, computed from all its parts.
    func key(_ parts: String...) -> Key {
        var bytes: [UInt8] = []
        for part in parts {
            // The length prefix keeps the boundaries between parts unambiguous.
            bytes += "\(part.utf8.count):".utf8
            bytes += part.utf8
        }
        return Key(code: HMAC<SHA256>.authenticationCode(for: bytes, using: secret))
    }

    /// Returns the caller cached for a credential that was verified less than a minute ago.
    func caller(for key: Key) -> Caller? {
        let now = now()
        return entries.withLock { entries in
            guard isTrusted, let entry = entries[key] else { return nil }
            // A clock that was set back must not extend an entry.
            guard entry.since <= now, now < entry.until else {
                entries[key] = nil
                return nil
            }
            return entry.caller
        }
    }

    /// Caches a caller for one minute, or until its credential expires if that is sooner.
    func remember(_ caller: Caller, for key: Key, remaining: Duration?, in generation: Generation) {
        let now = now()
        let entry = Entry(
            caller: caller,
            since: now,
            until: now.adding(min(remaining ?? Self.lifetime, Self.lifetime))
        )
        entries.withLock { entries in
            guard self.generation == generation else { return }
            if entries.count >= limit { entries = entries.filter { $0.value.until > now } }
            if entries.count >= limit { entries.removeAll(keepingCapacity: true) }
            entries[key] = entry
        }
    }
}
