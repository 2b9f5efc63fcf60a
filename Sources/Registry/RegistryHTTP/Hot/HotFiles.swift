// SPDX-License-Identifier: Apache-2.0

import HTTPServer
import Log
import RegistryCore
package import RegistryService
import Synchronization

/// Whole answers to recent downloads, by the target as clients write it, so that the next one needs no router, database or
/// thread: published files never change.
///
/// An answer is good for the actors it was given to, until anything is deleted or any account, team or token changes, here or
/// in another process that shares the database. It is then dropped, never corrected. Each loop has a table of its own,
/// which takes from the one here what it does not have; open files are kept here alone.
package final class HotFiles: Sendable {
    /// What had changed when something was read; an answer made of what was read before a change is none after it.
    struct Moment: Hashable, Sendable {
        fileprivate let changes: Int
        fileprivate let credentials: CredentialCache.Generation
    }

    /// Content up to this size is kept in memory; of larger files the descriptor is kept open.
    static let largestBuffer: Int64 = 64 * 1024

    private let isEnabled: Bool
    private let cache: CredentialCache
    private let changes = Atomic<Int>(0)
    private let loops = Atomic<Int>(0)
    private let table: Mutex<HotTable>

    /// Shares the cache of credentials with `Accounts`, which forgets them when an account changes.
    package init(isEnabled: Bool, cache: CredentialCache) {
        self.isEnabled = isEnabled
        self.cache = cache
        table = Mutex(HotTable(at: Moment(changes: 0, credentials: cache.generation)))
    }

    /// Drops everything: something was deleted.
    package func forgetAll() {
        changes.add(1, ordering: .acquiringAndReleasing)
        // Open files are let go at once; what loops have in memory goes when they look next.
        let moment = now
        table.withLock { $0.turn(to: moment) }
    }

    /// The moment to read metadata in that is to be remembered.
    var now: Moment {
        Moment(changes: changes.load(ordering: .acquiring), credentials: cache.generation)
    }

    /// The moment whose answers may be given; nil when none may, as long as it is not known what others changed.
    var trustedMoment: Moment? {
        // The generation first: who hears others tells of their changes before it is trusted again.
        guard isEnabled, let credentials = cache.trustedGeneration else { return nil }
        return Moment(changes: changes.load(ordering: .acquiring), credentials: credentials)
    }

    /// The answer of a moment to a target, whose hash is given.
    func answer(to target: UnsafeRawBufferPointer, _ hash: Int, at moment: Moment) -> HotAnswer? {
        table.withLock { table in
            guard table.moment == moment else { return nil }
            return unsafe table.answer(to: target, hash)
        }
    }

    /// Keeps an answer for an actor, unless something changed since the moment its metadata was read.
    func remember(_ prepared: PreparedAnswer, for actor: Actor, since moment: Moment) {
        guard isEnabled else { return }
        let answer = HotAnswer(prepared, for: actor)
        table.withLock { table in
            guard moment == now else { return }
            table.turn(to: moment)
            let known = unsafe prepared.target.withUnsafeBytes { unsafe table.answer(to: $0, answer.hash) }
            table.keep(known?.adding(actor) ?? answer, within: HotTable.Limits())
        }
    }

    /// What answers on one more loop; nil when nothing is kept.
    func makeAnswers(authenticate: Authenticate, downloads: DownloadCounter, log: Logger) -> HotLoop? {
        guard isEnabled else { return nil }
        loops.add(1, ordering: .relaxed)
        return HotLoop(files: self, authenticate: authenticate, downloads: downloads, log: log)
    }

    /// The bounds of one loop's table: all of them together keep no more than the common one.
    var loopLimits: HotTable.Limits {
        HotTable.Limits().divided(by: max(1, loops.load(ordering: .relaxed)))
    }
}
