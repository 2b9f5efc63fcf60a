// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryService

/// A cache of recent `Authorization` values and their callers.
///
/// An entry is valid for one second, so that not every request looks up its caller. The cache is confined to one
/// loop.
struct KnownCallers {
    private struct Entry {
        let hash: Int
        let authorization: [UInt8]
        let caller: Caller
        let generation: CredentialCache.Generation
        let since: Int64
    }

    /// The lifetime in nanoseconds.
    private static let lifetime: Int64 = 1_000_000_000
    private static let longestAuthorization = 1024

    /// The entries, placed by the hash of their value; a later one replaces an earlier one in the same place.
    private var entries = [Entry?](repeating: nil, count: 64)

    /// Returns the cached caller of a value; `now` is the monotonic clock in nanoseconds.
    func caller(
        of authorization: UnsafeRawBufferPointer,
        in generation: CredentialCache.Generation,
        at now: Int64
    ) -> Caller? {
        let hash = unsafe HotAnswer.hash(of: authorization)
        guard let entry = entries[place(of: hash)], entry.hash == hash, entry.generation == generation,
            now - entry.since < Self.lifetime,
            unsafe authorization.holds(entry.authorization)
        else { return nil }
        return entry.caller
    }

    /// Caches the caller of a value that was looked up after the generation was read.
    mutating func remember(
        _ caller: Caller,
        of authorization: [UInt8],
        in generation: CredentialCache.Generation,
        at now: Int64
    ) {
        guard authorization.count <= Self.longestAuthorization else { return }
        let hash = unsafe authorization.withUnsafeBytes { unsafe HotAnswer.hash(of: $0) }
        entries[place(of: hash)] = Entry(
            hash: hash,
            authorization: authorization,
            caller: caller,
            generation: generation,
            since: now
        )
    }

    private func place(of hash: Int) -> Int { hash & (entries.count - 1) }
}
