// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

/// One transaction on the registry's tables.
///
/// The statements of a table are methods of its rows (`tx.versions.id(of:owner:)`), so that each stands in one file with the table's columns.
///
/// **Lock order.** Transactions that change the same rows lock them in this order, so that none waits for another in a circle:
/// 1. the owner: transactions that add something to it share the lock, its removal takes it exclusively
/// 2. a draft, then its package
/// 3. the version, which a delete locks before its first file; the files, in the order of their blobs
/// 4. the list of blobs to collect, and the owner's row for each blob, both in the order of the blobs' numbers
/// 5. the upload, then its reservation
/// 6. the reserved versions, in the order of their keys
/// 7. the usage of the owner, then the total
///
/// The garbage collection skips what another transaction has locked.
struct Transaction {
    let connection: any SQLConnection
    let dialect: SQLDialect
    /// Whether this transaction has lost against another one before; then it can first lock what it lost.
    let isRetry: Bool
    let clockWatch: ClockWatch?

    /// The time by the database's clock, the only clock by which records are dated and expire.
    var now: Timestamp { get throws { try connection.now() } }

    /// Which uploads and drafts have expired, by the time at which they do.
    var expired: ClockWatch.Expired {
        get throws {
            let now = try now
            return clockWatch?.expired(at: now)
                ?? ClockWatch.Expired(after: Timestamp(microseconds: .min), through: now)
        }
    }

    /// Lets this transaction take longer than a request waits, where the database limits that.
    func extendDeadline(by duration: Duration) throws {
        try connection.extendDeadline(by: duration)
    }

    /// Runs a statement and returns the number of rows that it changed.
    @discardableResult
    func execute(_ statement: SQL, _ arguments: [SQLValue] = []) throws -> Int {
        try connection.execute(statement, arguments)
    }

    /// Returns whether a statement finds a row.
    func exists(_ statement: SQL, _ arguments: [SQLValue] = []) throws -> Bool {
        try connection.first(statement, arguments) != nil
    }

    /// Returns the number in the first column of the first row; nil if there is no row or the number is null.
    func integer(_ statement: SQL, _ arguments: [SQLValue] = []) throws -> Int64? {
        try first(statement, arguments) { try $0.optionalInteger() } ?? nil
    }

    /// Returns what is read from each row of a statement.
    func all<Value>(
        _ statement: SQL,
        _ arguments: [SQLValue] = [],
        reading read: (inout RowReader) throws -> Value
    ) throws -> [Value] {
        try connection.query(statement, arguments).map { row in
            var reader = RowReader(row)
            return try read(&reader)
        }
    }

    /// Returns what is read from the first row of a statement; nil if there is none.
    func first<Value>(
        _ statement: SQL,
        _ arguments: [SQLValue] = [],
        reading read: (inout RowReader) throws -> Value
    ) throws -> Value? {
        try connection.first(statement, arguments).map { row in
            var reader = RowReader(row)
            return try read(&reader)
        }
    }

    /// Returns the records of a statement that lists their columns first.
    func all<Record: SQLRecord>(_ statement: SQL, _ arguments: [SQLValue] = []) throws -> [Record] {
        try all(statement, arguments) { try Record(reading: &$0) }
    }

    /// Returns the first record of a statement that lists its columns first; nil if there is none.
    func first<Record: SQLRecord>(_ statement: SQL, _ arguments: [SQLValue] = []) throws -> Record? {
        try first(statement, arguments) { try Record(reading: &$0) }
    }

    /// Returns a page of the records that `rows` selects, and the number of all, which `count` selects.
    ///
    /// `rows` has two parameters after the arguments: the limit and the offset.
    func listing<Record: SQLRecord & Sendable>(
        count: SQL,
        rows: SQL,
        _ arguments: [SQLValue],
        _ page: ListPage
    ) throws -> Listing<Record> {
        let total = try integer(count, arguments) ?? 0
        let window: [SQLValue] = [.integer(Int64(page.limit)), .integer(Int64(page.offset))]
        return Listing(rows: try all(rows, arguments + window), total: total)
    }
}

/// A value that rows hold.
protocol SQLRecord {
    /// The columns that the value is read from, each with its table's name.
    static var columns: SQL { get }

    /// Reads exactly these columns.
    init(reading row: inout RowReader) throws
}

/// Undoes the transaction that throws it and becomes the transaction's outcome.
struct Rollback<Outcome: Sendable>: Error {
    let outcome: Outcome

    init(_ outcome: Outcome) {
        self.outcome = outcome
    }
}
