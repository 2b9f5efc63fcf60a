// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryService

/// A cache of recent `Authorization` values and their actors.
///
/// An entry is valid for one second, so that not every request looks up its caller. The cache is confined to one
/// loop.
struct KnownCallers {
    private struct Caller {
        let hash: Int
        let authorization: [UInt8]
        let actor: Actor
        let generation: CredentialCache.Generation
        let since: Int64
    }

    /// The lifetime in nanoseconds.
    private static let lifetime: Int64 = 1_000_000_000
    private static let longestAuthorization = 1024

    /// The entries, placed by the hash of their value; a later one replaces an earlier one in the same place.
    private var callers = [Caller?](repeating: nil, count: 64)

    /// Returns the cached actor of a value; `now` is the monotonic clock in nanoseconds.
    func actor(
        of authorization: UnsafeRawBufferPointer,
        in generation: CredentialCache.Generation,
        at now: Int64
    ) -> Actor? {
        let hash = unsafe HotAnswer.hash(of: authorization)
        guard let caller = callers[place(of: hash)], caller.hash == hash, caller.generation == generation,
            now - caller.since < Self.lifetime,
            unsafe authorization.holds(caller.authorization)
        else { return nil }
        return caller.actor
    }

    /// Caches the actor of a value that was looked up after the generation was read.
    mutating func remember(
        _ actor: Actor,
        of authorization: [UInt8],
        in generation: CredentialCache.Generation,
        at now: Int64
    ) {
        guard authorization.count <= Self.longestAuthorization else { return }
        let hash = unsafe authorization.withUnsafeBytes { unsafe HotAnswer.hash(of: $0) }
        callers[place(of: hash)] = Caller(
            hash: hash,
            authorization: authorization,
            actor: actor,
            generation: generation,
            since: now
        )
    }

    private func place(of hash: Int) -> Int { hash & (callers.count - 1) }
}
