// SPDX-License-Identifier: Apache-2.0

import HTTPServer
import Log
import RegistryCore
package import RegistryService
import Synchronization

/// Caches complete responses to recent downloads, keyed by raw request target.
///
/// Published files never change, so a cached response needs no router, database or thread. It is valid for the callers
/// that it was returned to. Any deletion and any change to an account, team or token invalidates all entries,
/// including changes by other processes on the same database. Entries are dropped, never updated. Each loop has its
/// own table, which is filled from the one here; only this one keeps open files.
package final class HotFiles: Sendable {
    /// The state of deletions and credentials at one time; a response from an earlier state is invalid.
    struct Moment: Hashable, Sendable {
        fileprivate let changes: Int
        fileprivate let credentials: CredentialCache.Generation
    }

    /// The maximum size of content kept in memory; larger files stay open instead.
    static let largestBuffer: Int64 = 64 * 1024

    private let isEnabled: Bool
    private let cache: CredentialCache
    private let changes = Atomic<Int>(0)
    private let loops = Atomic<Int>(0)
    private let table: Mutex<HotTable>

    /// Creates the cache; `Accounts` invalidates the shared credential cache when an account changes.
    package init(isEnabled: Bool, cache: CredentialCache) {
        self.isEnabled = isEnabled
        self.cache = cache
        table = Mutex(HotTable(at: Moment(changes: 0, credentials: cache.generation)))
    }

    /// Invalidates all entries after a deletion.
    package func forgetAll() {
        changes.add(1, ordering: .acquiringAndReleasing)
        // Open files are closed now; the loops drop their entries at their next lookup.
        let moment = now
        table.withLock { $0.turn(to: moment) }
    }

    /// The moment to take before reading metadata that is to be cached.
    var now: Moment {
        Moment(changes: changes.load(ordering: .acquiring), credentials: cache.generation)
    }

    /// The moment whose entries may be used; nil while changes by other processes may be missing.
    var trustedMoment: Moment? {
        // Read the generation first: invalidations by other processes are applied before the trust is renewed.
        guard isEnabled, let credentials = cache.trustedGeneration else { return nil }
        return Moment(changes: changes.load(ordering: .acquiring), credentials: credentials)
    }

    /// Returns the cached response to a target with the given hash, if it belongs to the moment.
    func answer(to target: UnsafeRawBufferPointer, _ hash: Int, at moment: Moment) -> HotAnswer? {
        table.withLock { table in
            guard table.moment == moment else { return nil }
            return unsafe table.answer(to: target, hash)
        }
    }

    /// Caches a response for a caller, unless something changed since its metadata was read.
    func remember(_ prepared: PreparedAnswer, for caller: Caller, since moment: Moment) {
        guard isEnabled else { return }
        let answer = HotAnswer(prepared, for: caller)
        table.withLock { table in
            guard moment == now else { return }
            table.turn(to: moment)
            let known = unsafe prepared.target.withUnsafeBytes { unsafe table.answer(to: $0, answer.hash) }
            table.keep(known?.adding(caller) ?? answer, within: HotTable.Limits())
        }
    }

    /// Creates the cache of another loop; returns nil if caching is disabled.
    func makeAnswers(authenticate: Authenticate, downloads: DownloadCounter, log: Logger) -> HotLoop? {
        guard isEnabled else { return nil }
        loops.add(1, ordering: .relaxed)
        return HotLoop(files: self, authenticate: authenticate, downloads: downloads, log: log)
    }

    /// The limits of one loop's table; all tables together stay within the limits of the shared one.
    var loopLimits: HotTable.Limits {
        HotTable.Limits().divided(by: max(1, loops.load(ordering: .relaxed)))
    }
}
