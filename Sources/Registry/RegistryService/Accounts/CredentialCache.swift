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
        fileprivate var number = 0

        package init() {}
    }

    private struct Entry {
        let actor: Actor
        let since: Timestamp
        let until: Timestamp
    }

    private struct State {
        var entries: [Key: Entry] = [:]
        var generation = Generation()
        /// Until then every change by other processes has been heard of; nil when there are no others.
        var trustedUntil: ContinuousClock.Instant?

        var isTrusted: Bool { trustedUntil.map { ContinuousClock.now < $0 } ?? true }
    }

    private static let lifetime = Duration.seconds(60)

    private let limit: Int
    private let now: @Sendable () -> Timestamp
    private let secret = SymmetricKey(size: .bits256)
    private let state = Mutex(State())

    /// Remembers up to `limit` credentials by a clock that needs to be right only about how much time passes.
    package init(limit: Int = 10_000, now: @escaping @Sendable () -> Timestamp) {
        self.limit = limit
        self.now = now
    }

    /// Forgets everything, and what is being verified at this moment too.
    package func forgetAll() {
        state.withLock { state in
            state.entries.removeAll(keepingCapacity: true)
            state.generation.number += 1
        }
    }

    /// Lets what is remembered be used until a moment only, for ever when it is never called: processes that share a
    /// database must have heard what the others changed.
    package func trust(until moment: ContinuousClock.Instant) {
        state.withLock { $0.trustedUntil = moment }
    }

    /// The generation whose entries may be used now; nil when it is not known whether others changed something.
    package var trustedGeneration: Generation? {
        state.withLock { $0.isTrusted ? $0.generation : nil }
    }

    /// The generation to verify and remember a credential in.
    package var generation: Generation { state.withLock { $0.generation } }

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
        return state.withLock { state in
            guard state.isTrusted, let entry = state.entries[key] else { return nil }
            // A clock that was set back must not prolong an entry.
            guard entry.since <= now, now < entry.until else {
                state.entries[key] = nil
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
        state.withLock { state in
            guard state.generation == generation else { return }
            if state.entries.count >= limit { state.entries = state.entries.filter { $0.value.until > now } }
            if state.entries.count >= limit { state.entries.removeAll(keepingCapacity: true) }
            state.entries[key] = entry
        }
    }
}
