// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops
import Synchronization

/// The thread that runs libcurl for a client, with a command queue for tasks.
final class TransferThread: Sendable {
    private enum Command {
        case start(Transfer)
        case resume(Transfer)
        case cancel(Transfer, any Error)
    }

    private struct Inbox {
        var commands: [Command] = []
        var waiting = 0
        var isOpen = true
        var hasEnded = false
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    private let configuration: HTTPClientConfiguration
    private let multi: CurlMulti
    private let inbox = Mutex(Inbox())

    /// Starts the thread.
    init(_ configuration: HTTPClientConfiguration) {
        self.configuration = configuration
        multi = CurlMulti(idleConnections: configuration.requests)
        Thread.start(named: "http-client") { [self] in run() }
    }

    /// Queues a request; throws when too many are waiting.
    func start(_ transfer: Transfer) throws {
        try inbox.withLock { inbox in
            guard inbox.isOpen else { throw HTTPClientError(.cancelled) }
            guard inbox.waiting < configuration.waitingRequests else {
                throw HTTPClientError(.other, "too many requests are waiting for a connection")
            }
            inbox.waiting += 1
            send(.start(transfer), &inbox)
        }
    }

    /// Resumes a transfer after its response was read or new data to send arrived.
    func resume(_ transfer: Transfer) {
        inbox.withLock { send(.resume(transfer), &$0) }
    }

    /// Cancels a transfer; does nothing when it has ended.
    func cancel(_ transfer: Transfer, _ error: any Error) {
        guard !transfer.incoming.isComplete else { return }
        inbox.withLock { send(.cancel(transfer, error), &$0) }
    }

    /// Cancels all transfers and stops the thread, without waiting for it.
    func stop() {
        inbox.withLock { inbox in
            guard inbox.isOpen else { return }
            inbox.isOpen = false
            multi.wakeUp()
        }
    }

    /// Waits until the thread has ended after `stop`.
    func wait() async {
        await withCheckedContinuation { continuation in
            let hasEnded = inbox.withLock { inbox in
                if !inbox.hasEnded { inbox.watchers.append(continuation) }
                return inbox.hasEnded
            }
            if hasEnded { continuation.resume() }
        }
    }

    /// Queues a command; wakes the thread only for the first unread one.
    private func send(_ command: Command, _ inbox: inout Inbox) {
        guard inbox.isOpen else { return }
        inbox.commands.append(command)
        if inbox.commands.count == 1 { multi.wakeUp() }
    }

    private func run() {
        // TLS libraries may write to a socket whose peer has closed it.
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
        var loop = TransferLoop(multi, configuration) { [self] count in
            if count > 0 { inbox.withLock { $0.waiting -= count } }
        }
        while true {
            let (commands, isOpen) = inbox.withLock { inbox in
                defer { inbox.commands = [] }
                return (inbox.commands, inbox.isOpen)
            }
            for command in commands {
                switch command {
                case .start(let transfer): loop.start(transfer)
                case .resume(let transfer): loop.resume(transfer)
                case .cancel(let transfer, let error): loop.cancel(transfer, error)
                }
            }
            guard isOpen else { break }
            loop.turn()
        }
        loop.cancelAll(HTTPClientError(.cancelled))
        // No task wakes the thread from here on, because `isOpen` is false.
        multi.close()
        let watchers = inbox.withLock { inbox in
            inbox.hasEnded = true
            defer { inbox.watchers = [] }
            return inbox.watchers
        }
        for watcher in watchers { watcher.resume() }
    }
}
