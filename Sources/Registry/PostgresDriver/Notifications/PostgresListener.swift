// SPDX-License-Identifier: Apache-2.0

import Glibc
import RegistryStorage
import Synchronization

/// Hears what other processes tell, on a connection and a thread of its own, until it is stopped.
final class PostgresListener: Sendable {
    static let channel = "granary"

    private let address: PostgresAddress
    private let pool: PostgresPool
    private let continuation: AsyncStream<SQLNotification>.Continuation
    private let isStopped = Atomic(false)

    /// Listens as long as the pool is open.
    init(
        _ address: PostgresAddress,
        _ pool: PostgresPool,
        _ continuation: AsyncStream<SQLNotification>.Continuation
    ) {
        self.address = address
        self.pool = pool
        self.continuation = continuation
    }

    /// Lets `run` come to its end.
    func stop() {
        isStopped.store(true, ordering: .relaxed)
    }

    private var goesOn: Bool { !isStopped.load(ordering: .relaxed) && pool.isOpen }

    /// Listens; connects again when the connection is lost, after a pause that grows.
    func run() {
        var pause = PostgresTimeouts.backOff
        while goesOn {
            do {
                let session = try PostgresSession.connect(address, until: .now.advanced(by: PostgresTimeouts.connect))
                try session.command("LISTEN \(Self.channel)")
                continuation.yield(.missed)
                pause = PostgresTimeouts.backOff
                try listen(on: session)
            } catch {
                usleep(UInt32(clamping: pause.milliseconds * 1000))
                pause = min(pause * 2, PostgresTimeouts.backOffLimit)
            }
        }
    }

    /// Passes messages on, and asks again and again whether there are more.
    ///
    /// Before the server answers a question it sends the messages of all transactions whose commit was acknowledged before
    /// the question was asked.
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
