// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryService

/// Who sent which `Authorization` lately; good for a second, so that a caller is not looked up with each request.
///
/// Used on one loop alone. What it holds never leaves it.
struct KnownCallers {
    private struct Caller {
        let hash: Int
        let authorization: [UInt8]
        let actor: Actor
        let generation: CredentialCache.Generation
        let since: Int64
    }

    /// In nanoseconds.
    private static let lifetime: Int64 = 1_000_000_000
    private static let longestAuthorization = 1024

    /// Each in the place that the hash of its value tells, where a later one replaces it.
    private var callers = [Caller?](repeating: nil, count: 64)

    /// The actor of a value that is still known; `now` is the monotonic clock in nanoseconds.
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

    /// Keeps the actor that a value was found to stand for after the generation was read.
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
