// SPDX-License-Identifier: Apache-2.0

import Glibc
import RegistryCore
import RegistryStorage
import Synchronization

/// A listener for notifications of other processes, on its own connection and thread, until it is stopped.
final class PostgresListener: Sendable {
    static let channel = "granary"

    private let address: PostgresAddress
    private let pool: PostgresPool
    private let continuation: AsyncStream<SQLNotification>.Continuation
    private let isStopped = Atomic(false)

    /// Creates a listener that runs as long as the pool is open.
    init(
        _ address: PostgresAddress,
        _ pool: PostgresPool,
        _ continuation: AsyncStream<SQLNotification>.Continuation
    ) {
        self.address = address
        self.pool = pool
        self.continuation = continuation
    }

    /// Makes `run` return.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
    }

    private var goesOn: Bool { !isStopped.load(ordering: .relaxed) && pool.isOpen }

    /// Listens, and reconnects after a lost connection with a growing pause.
    func run() {
        var failures = 0
        while goesOn {
            do {
                let session = try PostgresSession.connect(address, until: .now.advanced(by: PostgresTimeouts.connect))
                try session.command("LISTEN \(Self.channel)")
                continuation.yield(.missed)
                failures = 0
                try listen(on: session)
            } catch {
                failures += 1
                let pause = PostgresTimeouts.backOff.delay(afterFailure: failures)
                usleep(UInt32(clamping: pause.milliseconds * 1000))
            }
        }
    }

    /// Passes notifications on, and keeps asking the server whether there are more.
    ///
    /// Before the server answers, it sends the notifications of all transactions whose commit was acknowledged before the question.
    private func listen(on session: PostgresSession) throws {
        while goesOn {
            let question = ContinuousClock.now
            session.deadline = question.advanced(by: PostgresTimeouts.checkAnswer)
            try session.command("")
            passOn(session)
            continuation.yield(.current(question))
            let next = question.advanced(by: PostgresTimeouts.check)
            while try session.waitForNews(until: next) { passOn(session) }
        }
    }

    private func passOn(_ session: PostgresSession) {
        while let message = session.nextNotification() { continuation.yield(.message(message)) }
    }
}
