// SPDX-License-Identifier: Apache-2.0

import CSQLite
import RegistryStorage

/// One connection to a database file, with its prepared statements.
///
/// It is unchecked because one thread at a time uses it: the writer has its own connection, and a reader takes an idle one.
final class SQLiteConnection: @unchecked Sendable {
    /// The access mode of a connection.
    enum Access {
        case writing
        case reading
    }

    /// The maximum number of prepared statements; the registry uses fewer, and only tests and migrations exceed it.
    private static let preparedLimit = 256

    private var handle: OpaquePointer?
    private var prepared: [String: SQLiteStatement] = [:]
    /// The number of pages in the log after this connection's last commit.
    private(set) var pagesInLog = 0
    /// Whether a sync has failed, after which the state of the disk is unknown.
    private(set) var hasFailedSync = false

    /// Opens a file; a writing connection creates a missing file.
    ///
    /// `fileSystem` names one of SQLite's virtual file systems; nil selects the default.
    init(path: String, _ access: Access, fileSystem: String? = nil) throws(SQLiteFailure) {
        let flags = access == .writing ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
        let code = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX, fileSystem)
        guard code == SQLITE_OK, let handle else { throw SQLiteFailure(code, on: handle) }
        sqlite3_extended_result_codes(handle, 1)
        wait(atMost: .seconds(5))
        noteCommits(on: handle)
    }

    deinit { close() }

    /// Frees all resources; later calls fail.
    func close() {
        prepared = [:]
        sqlite3_close_v2(handle)
        handle = nil
    }

    /// Sets how long a statement waits for a lock, which only an administrator's tool can hold.
    func wait(atMost limit: Duration) {
        if let handle { sqlite3_busy_timeout(handle, Int32(limit / .milliseconds(1))) }
    }

    /// Runs a statement and returns its rows.
    func query(_ text: String, _ arguments: [SQLValue] = []) throws(SQLiteFailure) -> [SQLRow] {
        var rows: [SQLRow] = []
        try step(text, arguments) { rows.append($0.row) }
        return rows
    }

    /// Runs a statement to completion and returns the number of changed rows.
    @discardableResult
    func run(_ text: String, _ arguments: [SQLValue] = []) throws(SQLiteFailure) -> Int {
        try step(text, arguments) { _ in }
        return Int(sqlite3_changes(handle))
    }

    /// Turns an option of the library on or off.
    func configure(_ option: Int32, to value: Bool) throws(SQLiteFailure) {
        guard let handle else { throw Self.closed }
        var now: Int32 = -1
        let code = sqlite_configure(handle, option, value ? 1 : 0, &now)
        guard code == SQLITE_OK, now == (value ? 1 : 0) else {
            throw SQLiteFailure(SQLITE_ERROR, "the library does not support the option \(option)")
        }
    }

    /// Whether a transaction is open; SQLite ends it by itself after some errors.
    var isInTransaction: Bool { handle.map { sqlite3_get_autocommit($0) == 0 } ?? false }

    private func step(
        _ text: String,
        _ arguments: [SQLValue],
        _ visit: (SQLiteStatement) -> Void
    ) throws(SQLiteFailure) {
        let statement = try statement(text)
        defer { statement.reset() }
        do throws(SQLiteFailure) {
            try statement.bind(arguments)
            while try statement.step() { visit(statement) }
        } catch {
            if error.isFailedSync { hasFailedSync = true }
            throw error
        }
    }

    private func statement(_ text: String) throws(SQLiteFailure) -> SQLiteStatement {
        if let statement = prepared[text] { return statement }
        guard let handle else { throw Self.closed }
        let statement = try SQLiteStatement(text, on: handle)
        if prepared.count >= Self.preparedLimit { prepared = [:] }
        prepared[text] = statement
        return statement
    }

    private static let closed = SQLiteFailure(SQLITE_MISUSE, "the connection is closed")
}

extension SQLiteConnection {
    /// The way a checkpoint treats readers that still need the log.
    enum Checkpoint {
        /// Copies what it can without waiting for readers.
        case passive
        /// Waits for readers, so that the log restarts.
        case restart
        /// Waits for readers, and truncates the log.
        case truncate

        fileprivate var mode: Int32 {
            switch self {
            case .passive: SQLITE_CHECKPOINT_PASSIVE
            case .restart: SQLITE_CHECKPOINT_RESTART
            case .truncate: SQLITE_CHECKPOINT_TRUNCATE
            }
        }
    }

    /// Copies the log into the database.
    func checkpoint(_ checkpoint: Checkpoint) throws(SQLiteFailure) {
        guard let handle else { throw Self.closed }
        let code = sqlite3_wal_checkpoint_v2(handle, nil, checkpoint.mode, nil, nil)
        guard code != SQLITE_OK else { return }
        let failure = SQLiteFailure(code, on: handle)
        if failure.isFailedSync { hasFailedSync = true }
        throw failure
    }

    /// Keeps the log unchanged when the connection is closed.
    func keepLogAtClose() throws(SQLiteFailure) {
        try configure(SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, to: true)
    }

    /// Refuses every checkpoint, because SQLite opens the log for writing even for a read-only database.
    func refuseCheckpoints() throws(SQLiteFailure) {
        try keepLogAtClose()
        sqlite3_set_authorizer(
            handle,
            { _, action, name, _, _, _ in
                guard action == SQLITE_PRAGMA, let name, sqlite3_stricmp(name, "wal_checkpoint") == 0 else {
                    return SQLITE_OK
                }
                return SQLITE_DENY
            },
            nil
        )
    }

    /// Replaces SQLite's own checkpoints, which run before a commit returns.
    private func noteCommits(on handle: OpaquePointer) {
        let connection = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_wal_hook(
            handle,
            { connection, _, _, pages in
                guard let connection else { return SQLITE_OK }
                // SQLite calls the hook during a commit of this connection.
                Unmanaged<SQLiteConnection>.fromOpaque(connection).takeUnretainedValue().pagesInLog = Int(pages)
                return SQLITE_OK
            },
            connection
        )
    }
}
