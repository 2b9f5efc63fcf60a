// SPDX-License-Identifier: Apache-2.0

import NIOConcurrencyHelpers
import RegistryStorage

/// The sessions of a database: made when they are needed, kept while nobody needs them, thrown away when they are broken.
///
/// It has no limit of its own: who takes a session runs on one of a limited number of threads.
///
/// The condition says whether a session is idle; its lock guards the state, hence unchecked.
final class PostgresPool: @unchecked Sendable {
    /// How long somebody waits for another one's session before looking around again.
    private static let patience = 0.1

    private let address: PostgresAddress
    private let condition = ConditionLock(value: false)
    private var idle: [PostgresSession] = []
    private var inUse = 0
    private var failures = 0
    /// Until then nobody tries to make a connection, and why.
    private var backOff: (until: ContinuousClock.Instant, reason: PostgresConnectError)?
    private var isClosed = false

    init(_ address: PostgresAddress) {
        self.address = address
    }

    /// Takes a session that seems to work; the caller gives it back.
    func take(until deadline: ContinuousClock.Instant) throws -> PostgresSession {
        while true {
            if let session = try takeIdle() {
                session.deadline = deadline
                // A session that is dropped here is not counted any more.
                if session.isQuiet { return session }
                noteEnd(of: session)
                continue
            }
            do {
                return try connect(until: deadline)
            } catch let error as PostgresConnectError {
                // Fewer sessions than threads are no fault: somebody else's will be free in a moment.
                guard error.isServerFull, ContinuousClock.now < deadline, waitForIdle() else { throw error.error }
            }
        }
    }

    /// Takes a session back.
    func give(_ session: PostgresSession) {
        condition.lock()
        inUse -= 1
        if !session.isBroken, !isClosed { idle.append(session) }
        condition.unlock(withValue: !idle.isEmpty)
    }

    var isOpen: Bool { locked { !isClosed } }

    /// Closes what is idle; what is in use is closed when it is given back.
    func close() {
        condition.lock()
        isClosed = true
        idle = []
        condition.unlock(withValue: false)
    }

    /// Takes the session that was used last, so that the others can be seen to be too many.
    private func takeIdle() throws -> PostgresSession? {
        condition.lock()
        defer { condition.unlock(withValue: !idle.isEmpty) }
        guard !isClosed else { throw Self.closed }
        guard let session = idle.popLast() else { return nil }
        inUse += 1
        return session
    }

    private func noteEnd(of session: PostgresSession) {
        locked { inUse -= 1 }
    }

    /// Makes a session, unless that failed a moment ago.
    private func connect(until deadline: ContinuousClock.Instant) throws -> PostgresSession {
        if let reason = locked({ refusalOfBackOff }) { throw reason }
        do {
            let limit = ContinuousClock.now.advanced(by: PostgresTimeouts.connect)
            let session = try PostgresSession.connect(address, until: min(deadline, limit))
            session.deadline = deadline
            locked {
                inUse += 1
                failures = 0
                backOff = nil
            }
            return session
        } catch let error as PostgresConnectError {
            locked { noteFailure(error) }
            throw error
        }
    }

    private var refusalOfBackOff: PostgresConnectError? {
        guard let backOff, ContinuousClock.now < backOff.until else { return nil }
        return backOff.reason
    }

    private func noteFailure(_ error: PostgresConnectError) {
        let pause = min(PostgresTimeouts.backOff * (1 << min(failures, 10)), PostgresTimeouts.backOffLimit)
        failures += 1
        backOff = (.now.advanced(by: pause), error)
    }

    /// Waits a moment for a session that another transaction uses or has just given back; false when there is none.
    private func waitForIdle() -> Bool {
        guard locked({ inUse > 0 || !idle.isEmpty }) else { return false }
        if condition.lock(whenValue: true, timeoutSeconds: Self.patience) { condition.unlock() }
        return true
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        condition.lock()
        defer { condition.unlock() }
        return body()
    }

    static let closed = SQLError(.unavailable, "the database was closed: the server is shutting down")
}
