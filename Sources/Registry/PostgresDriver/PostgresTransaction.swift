// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

/// What a transaction is for, and with which isolation.
///
/// The registry's statements decide by constraints and by rows that they lock, and look again after they have waited; so
/// writers see what was committed before each statement (`READ COMMITTED`): with a snapshot of its own a writer would be
/// refused wherever it had to wait. All statements of a reader see the same state (`REPEATABLE READ`), which costs nothing.
enum PostgresTransactionKind: String {
    case read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    // Not READ WRITE: a server that was set to read only is to refuse.
    case write = "BEGIN ISOLATION LEVEL READ COMMITTED"
}

/// One transaction on a session; the port's connection.
final class PostgresTransaction: SQLConnection {
    private let session: PostgresSession
    private let kind: PostgresTransactionKind
    private var failure: SQLError?
    private var moment: Timestamp?

    private init(_ kind: PostgresTransactionKind, on session: PostgresSession) {
        self.kind = kind
        self.session = session
    }

    /// Runs a closure between begin and commit.
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
            // After a statement that failed the server would take a commit for a rollback.
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
        // A session that cannot roll back is broken, and is not used again.
        _ = try? session.command("ROLLBACK")
    }

    private func commit() throws {
        do {
            let command = try session.command("COMMIT")?.command
            guard command != "ROLLBACK" else { throw SQLError(.other, "the database rolled the transaction back") }
        } catch let error as SQLError {
            // As long as the session lives, the refusal is an answer. What was read is right without one.
            guard session.isBroken else { throw error }
            guard kind == .write else { return }
            throw SQLError(.outcomeUnknown, "the outcome of a commit is not known: \(error.message)")
        }
    }

    /// The clock of the server when it was first asked for: a transaction that had to wait for a lock before has not begun
    /// its work before that, and all its rows have the same time.
    func now() throws -> Timestamp {
        if let moment { return moment }
        let row = try first("SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)", [])
        guard let row else { throw SQLError(.unexpectedValue, "the database gave no time") }
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
        // The server refuses everything after the first failure; that is the one to tell.
        if let failure { throw failure }
        do {
            return try session.execute(statement.text, arguments)
        } catch let error as SQLError {
            failure = error
            throw error
        }
    }
}
