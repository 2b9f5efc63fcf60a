// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

/// The kind of a transaction, with its isolation level.
///
/// The registry's statements rely on constraints and row locks, and check again after a wait. Writers therefore use `READ COMMITTED` and
/// see what was committed before each statement. With one snapshot per transaction, a writer would fail after every wait. All statements of
/// a reader see the same state (`REPEATABLE READ`), which costs nothing.
enum PostgresTransactionKind: String {
    case read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    // Not READ WRITE, so that a server in read-only mode refuses.
    case write = "BEGIN ISOLATION LEVEL READ COMMITTED"
}

/// One transaction on a session, as the port's connection.
final class PostgresTransaction: SQLConnection {
    private let session: PostgresSession
    private let kind: PostgresTransactionKind
    private var failure: SQLError?
    private var moment: Timestamp?

    private init(_ kind: PostgresTransactionKind, on session: PostgresSession) {
        self.kind = kind
        self.session = session
    }

    /// Runs a closure between BEGIN and COMMIT.
    static func run<Value>(
        _ kind: PostgresTransactionKind,
        on session: PostgresSession,
        _ body: (any SQLConnection) throws -> Value
    ) throws -> Value {
        let transaction = PostgresTransaction(kind, on: session)
        try session.command(kind.rawValue)
        let value: Value
        do {
            value = try body(transaction)
            // After a failed statement, the server treats COMMIT as ROLLBACK.
            if let failure = transaction.failure { throw failure }
        } catch {
            transaction.rollBack()
            throw error
        }
        try transaction.commit()
        return value
    }

    private func rollBack() {
        guard !session.isBroken else { return }
        // A session that cannot roll back is broken and is not reused.
        _ = try? session.command("ROLLBACK")
    }

    private func commit() throws {
        do {
            let command = try session.command("COMMIT")?.command
            guard command != "ROLLBACK" else { throw SQLError(.other, "the database rolled the transaction back") }
        } catch let error as SQLError {
            // While the session is alive, the refusal is a definite outcome. A read needs no commit to be correct.
            guard session.isBroken else { throw error }
            guard kind == .write else { return }
            throw SQLError(.outcomeUnknown, "the outcome of a commit is unknown: \(error.message)")
        }
    }

    /// Returns the server's time at the first call, so that all rows of the transaction have the same time.
    ///
    /// A transaction that first waits for a lock gets the time after the wait.
    func now() throws -> Timestamp {
        if let moment { return moment }
        let row = try first("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)", [])
        guard let row else { throw SQLError(.unexpectedValue, "the database returned no time") }
        let now = Timestamp(microseconds: try row.integer(0))
        moment = now
        return now
    }

    func query(_ statement: SQL, _ arguments: [SQLValue]) throws -> [SQLRow] {
        try run(statement, arguments).rows
    }

    func execute(_ statement: SQL, _ arguments: [SQLValue]) throws -> Int {
        try run(statement, arguments).changedRows
    }

    func notify(_ message: String) throws {
        _ = try query("SELECT pg_notify($1, $2)", [.text(PostgresListener.channel), .text(message)])
    }

    func extendDeadline(by duration: Duration) throws {
        let limit = String((PostgresTimeouts.statement + duration).milliseconds)
        _ = try query("SELECT set_config('statement_timeout', $1, true)", [.text(limit)])
        session.deadline = session.deadline.advanced(by: duration)
    }

    private func run(_ statement: SQL, _ arguments: [SQLValue]) throws -> PostgresResult {
        // The server refuses everything after the first failure, so the first failure is the one to report.
        if let failure { throw failure }
        do {
            return try session.execute(statement.text, arguments)
        } catch let error as SQLError {
            failure = error
            throw error
        }
    }
}
