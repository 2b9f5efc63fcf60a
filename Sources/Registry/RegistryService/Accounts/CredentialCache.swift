// SPDX-License-Identifier: Apache-2.0

import Digests
package import RegistryCore
import Synchronization

/// Remembers for one minute which credentials were verified, so that not every request pays for a password check.
///
/// It holds no secret, only authentication codes under a key that never leaves this process.
package final class CredentialCache: Sendable {
    /// Stands for a credential.
    struct Key: Hashable, Sendable {
        fileprivate let code: [UInt8]
    }

    /// Counts how often everything was forgotten; what was verified in an earlier generation is not remembered.
    package struct Generation: Hashable, Sendable {
        fileprivate let number: Int
    }

    private struct Entry {
        let actor: Actor
        let since: Timestamp
        let until: Timestamp
    }

    private static let lifetime = Duration.seconds(60)

    private let limit: Int
    private let now: @Sendable () -> Timestamp
    private let secret = SymmetricKey(size: .bits256)
    private let entries = Mutex<[Key: Entry]>([:])
    /// The number of the generation, which changes while `entries` is locked and is read with every request.
    private let number = Atomic<Int>(0)
    private let start = ContinuousClock.now
    /// Until then, in nanoseconds after `start`, every change by other processes has been heard of.
    private let trustedUntil = Atomic<Int64>(.max)

    /// Remembers up to `limit` credentials by a clock that needs to be right only about how much time passes.
    package init(limit: Int = 10_000, now: @escaping @Sendable () -> Timestamp) {
        self.limit = limit
        self.now = now
    }

    /// How many credentials are remembered.
    var count: Int { entries.withLock { $0.count } }

    /// Forgets everything, and what is being verified at this moment too.
    package func forgetAll() {
        entries.withLock { entries in
            entries.removeAll(keepingCapacity: true)
            _ = number.add(1, ordering: .acquiringAndReleasing)
        }
    }

    /// Lets what is remembered be used until a moment only, for ever when it is never called: processes that share a
    /// database must have heard what the others changed.
    package func trust(until moment: ContinuousClock.Instant) {
        let (seconds, attoseconds) = (moment - start).components
        trustedUntil.store(seconds * 1_000_000_000 + attoseconds / 1_000_000_000, ordering: .releasing)
    }

    /// The generation whose entries may be used now; nil when it is not known whether others changed something.
    package var trustedGeneration: Generation? {
        // The trust first: who hears the others forgets what they changed before it is trusted again.
        isTrusted ? generation : nil
    }

    /// The generation to verify and remember a credential in.
    package var generation: Generation { Generation(number: number.load(ordering: .acquiring)) }

    private var isTrusted: Bool {
        let until = trustedUntil.load(ordering: .acquiring)
        return until == .max || ContinuousClock.now < start.advanced(by: .nanoseconds(until))
    }

    /// The key of a credential, from all of its parts.
    func key(_ parts: String...) -> Key {
        var bytes: [UInt8] = []
        for part in parts {
            // The length in front keeps one part from running into the next.
            bytes += "\(part.utf8.count):".utf8
            bytes += part.utf8
        }
        return Key(code: HMAC<SHA256>.authenticationCode(for: bytes, using: secret))
    }

    /// The actor that a credential was found to stand for less than a minute ago.
    func actor(for key: Key) -> Actor? {
        let now = now()
        return entries.withLock { entries in
            guard isTrusted, let entry = entries[key] else { return nil }
            // A clock that was set back must not prolong an entry.
            guard entry.since <= now, now < entry.until else {
                entries[key] = nil
                return nil
            }
            return entry.actor
        }
    }

    /// Remembers an actor for a minute, or for the rest of its credential's life when that is shorter.
    func remember(_ actor: Actor, for key: Key, remaining: Duration?, in generation: Generation) {
        let now = now()
        let entry = Entry(
            actor: actor,
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
