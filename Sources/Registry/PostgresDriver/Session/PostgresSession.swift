// SPDX-License-Identifier: Apache-2.0

import CLibPQ
import Glibc
import RegistryStorage

/// One connection to the server with its prepared statements.
///
/// libpq's blocking calls wait forever for an unresponsive server, so every wait is a `poll` with the deadline of the session's owner.
/// After a missed deadline or a lost connection, the session can only be discarded.
///
/// It is not safe for concurrent use, hence unchecked: the pool gives a session to one transaction at a time.
final class PostgresSession: @unchecked Sendable {
    /// The maximum number of prepared statements; the registry uses fewer, and only tests and migrations exceed it.
    private static let preparedLimit = 256

    let libpq: LibPQ
    let handle: OpaquePointer
    /// The deadline of the current owner's waits for the server.
    var deadline: ContinuousClock.Instant
    /// Whether the session can only be discarded.
    private(set) var isBroken = false
    /// The names of the prepared statements, by their texts.
    private var prepared: [String: String] = [:]
    /// The number of statements prepared so far; a name is never reused.
    private var preparedCount = 0

    /// Takes ownership of a libpq connection, which is closed with the session.
    init(_ handle: OpaquePointer, _ libpq: LibPQ, deadline: ContinuousClock.Instant) {
        self.handle = handle
        self.libpq = libpq
        self.deadline = deadline
    }

    deinit { libpq.finish(handle) }

    /// Runs one or more statements without arguments, and returns the last result.
    @discardableResult
    func command(_ text: String) throws -> PostgresResult? {
        guard libpq.sendQuery(handle, text) == 1 else { throw lost() }
        return try lastResult()
    }

    /// Runs a statement, which is prepared on its first use.
    func execute(_ text: String, _ arguments: [SQLValue]) throws -> PostgresResult {
        let name = try prepare(text)
        let parameters = try PostgresParameters(arguments)
        let wasSent = parameters.withPointers { values, lengths, formats in
            libpq.sendQueryPrepared(handle, name, CInt(arguments.count), values, lengths, formats, 0)
        }
        guard wasSent == 1 else { throw lost() }
        guard let result = try lastResult() else { throw lost() }
        return result
    }

    private func prepare(_ text: String) throws -> String {
        if let name = prepared[text] { return name }
        // Evict a single statement: DEALLOCATE ALL would also drop statements of the current transaction.
        if prepared.count >= Self.preparedLimit, let (text, name) = prepared.first {
            try command("DEALLOCATE \(name)")
            prepared[text] = nil
        }
        preparedCount += 1
        let name = "s\(preparedCount)"
        guard libpq.sendPrepare(handle, name, text, 0, nil) == 1 else { throw lost() }
        _ = try lastResult()
        prepared[text] = name
        return name
    }

    /// Reads all results so that the connection can be reused, and throws the first error.
    private func lastResult() throws -> PostgresResult? {
        var last: PostgresResult?
        var refusal: PostgresRefusal?
        while let result = try nextResult() {
            last = result
            if refusal == nil { refusal = result.refusal }
        }
        guard let refusal else { return last }
        if refusal.endsSession || libpq.status(handle) != CONNECTION_OK {
            isBroken = true
        }
        throw refusal.error
    }

    private func nextResult() throws -> PostgresResult? {
        var unsent = libpq.flush(handle)
        while unsent == 1 || libpq.isBusy(handle) == 1 {
            guard unsent >= 0 else { throw lost() }
            guard try wait(unsent == 1 ? POLLIN | POLLOUT : POLLIN, until: deadline) else { throw late() }
            guard libpq.consumeInput(handle) == 1 else { throw lost() }
            unsent = libpq.flush(handle)
        }
        return libpq.getResult(handle).map { PostgresResult($0, libpq) }
    }

    /// Waits until the connection is readable or writable; returns false on timeout.
    func wait(_ events: CInt, until moment: ContinuousClock.Instant) throws -> Bool {
        while true {
            let remaining = max(0, ContinuousClock.now.duration(to: moment).milliseconds)
            var descriptor = pollfd(fd: libpq.socket(handle), events: Int16(events), revents: 0)
            let count = poll(&descriptor, 1, CInt(clamping: remaining))
            if count > 0 { return true }
            if count == 0 { return false }
            guard errno == EINTR else { throw lost() }
        }
    }

    /// Whether the server has sent nothing, as expected while no statement runs: before it closes a connection, it sends a message.
    var isQuiet: Bool {
        guard let hasNews = try? wait(POLLIN, until: .now) else { return false }
        return !hasNews && libpq.status(handle) == CONNECTION_OK
    }

    /// Waits for unsolicited messages from the server and reads them; returns false on timeout.
    func waitForNews(until moment: ContinuousClock.Instant) throws -> Bool {
        guard try wait(POLLIN, until: moment) else { return false }
        guard libpq.consumeInput(handle) == 1 else { throw lost() }
        return true
    }

    /// Returns the next notification that was read.
    func nextNotification() -> String? {
        guard let notification = libpq.notifies(handle) else { return nil }
        defer { libpq.freemem(notification) }
        return notification.pointee.extra.map { String(cString: $0) } ?? ""
    }

    private func lost() -> SQLError {
        isBroken = true
        return SQLError(.unavailable, "the connection to \(place) was lost: \(lastMessage)")
    }

    private func late() -> SQLError {
        isBroken = true
        return SQLError(.unavailable, "\(place) timed out; check the server and the network")
    }
}
