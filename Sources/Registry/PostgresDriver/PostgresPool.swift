// SPDX-License-Identifier: Apache-2.0

import Loops
import RegistryCore
import RegistryStorage
import Synchronization

/// A pool of database sessions that creates them on demand, keeps idle ones and discards broken ones.
///
/// The pool needs no size limit, because its callers run on a limited number of threads.
final class PostgresPool: Sendable {
    /// The time that a caller waits for a busy session before it checks again.
    private static let patience = Duration.milliseconds(100)

    private struct State {
        var idle: [PostgresSession] = []
        var inUse = 0
        var failures = 0
        /// The time before which no caller tries to connect, and the reason.
        var backOff: (until: ContinuousClock.Instant, reason: PostgresConnectError)?
        var isClosed = false
    }

    private let address: PostgresAddress
    private let state = Mutex(State())
    private let someAreIdle = Condition()

    init(_ address: PostgresAddress) {
        self.address = address
    }

    /// Takes a session that appears to work; the caller returns it with `give`.
    func take(until deadline: ContinuousClock.Instant) throws -> PostgresSession {
        while true {
            if let session = try takeIdle() {
                session.deadline = deadline
                // A session that is dropped here no longer counts as in use.
                if session.isQuiet { return session }
                noteEnd(of: session)
                continue
            }
            do {
                return try connect(until: deadline)
            } catch let error as PostgresConnectError {
                // Fewer sessions than threads are not an error: another caller returns one shortly.
                guard error.isServerFull, ContinuousClock.now < deadline, waitForIdle() else { throw error.error }
            }
        }
    }

    /// Returns a session to the pool.
    func give(_ session: PostgresSession) {
        state.withLock { state in
            state.inUse -= 1
            if !session.isBroken, !state.isClosed { state.idle.append(session) }
        }
        someAreIdle.signal()
    }

    var isOpen: Bool { state.withLock { !$0.isClosed } }

    /// Closes idle sessions; sessions in use are closed when they are returned.
    func close() {
        state.withLock { state in
            state.isClosed = true
            state.idle = []
        }
    }

    /// Takes the session that was used last, so that unneeded sessions stay idle.
    private func takeIdle() throws -> PostgresSession? {
        try state.withLock { state in
            guard !state.isClosed else { throw Self.closed }
            guard let session = state.idle.popLast() else { return nil }
            state.inUse += 1
            return session
        }
    }

    private func noteEnd(of session: PostgresSession) {
        state.withLock { $0.inUse -= 1 }
    }

    /// Connects, unless an attempt failed a moment ago.
    private func connect(until deadline: ContinuousClock.Instant) throws -> PostgresSession {
        if let backOff = state.withLock({ $0.backOff }), ContinuousClock.now < backOff.until { throw backOff.reason }
        do {
            let limit = ContinuousClock.now.advanced(by: PostgresTimeouts.connect)
            let session = try PostgresSession.connect(address, until: min(deadline, limit))
            session.deadline = deadline
            state.withLock { state in
                state.inUse += 1
                state.failures = 0
                state.backOff = nil
            }
            return session
        } catch let error as PostgresConnectError {
            noteFailure(error)
            throw error
        }
    }

    private func noteFailure(_ error: PostgresConnectError) {
        state.withLock { state in
            state.failures += 1
            let pause = PostgresTimeouts.backOff.delay(afterFailure: state.failures)
            state.backOff = (.now.advanced(by: pause), error)
        }
    }

    /// Waits briefly for a session that is in use or was just returned; returns false when there is none.
    private func waitForIdle() -> Bool {
        guard state.withLock({ $0.inUse > 0 || !$0.idle.isEmpty }) else { return false }
        _ = someAreIdle.wait(atMost: Self.patience) { state.withLock { !$0.idle.isEmpty } }
        return true
    }

    static let closed = SQLError(.unavailable, "the database is closed: the server is shutting down")
}
