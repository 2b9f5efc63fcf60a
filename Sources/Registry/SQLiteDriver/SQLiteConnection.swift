// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import GRDB
import RegistryCore
import RegistryStorage

/// A GRDB connection seen through the port.
struct SQLiteConnection: SQLConnection {
    let database: Database
    let clock: @Sendable () -> Timestamp

    func now() throws -> Timestamp { clock() }

    func query(_ statement: RegistryStorage.SQL, _ arguments: [SQLValue]) throws -> [SQLRow] {
        let prepared = try database.cachedStatement(sql: statement.text)
        let rows = try Row.fetchCursor(prepared, arguments: Self.bindings(arguments))
        var result: [SQLRow] = []
        while let row = try rows.next() {
            result.append(SQLRow(row.databaseValues.map(SQLValue.init)))
        }
        return result
    }

    func execute(_ statement: RegistryStorage.SQL, _ arguments: [SQLValue]) throws -> Int {
        let prepared = try database.cachedStatement(sql: statement.text)
        try prepared.execute(arguments: Self.bindings(arguments))
        return database.changesCount
    }

    func notify(_ message: String) throws {}

    func extendDeadline(by duration: Duration) throws {}

    /// SQLite numbers `$1`, `$2`, … by their first appearance and knows them by name, so they are bound by name.
    private static func bindings(_ arguments: [SQLValue]) throws -> StatementArguments {
        var named: [String: (any DatabaseValueConvertible)?] = [:]
        for (index, argument) in arguments.enumerated() {
            try argument.check()
            named["\(index + 1)"] = argument.databaseValue
        }
        return StatementArguments(named)
    }
}

extension SQLValue {
    init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let number): self = .integer(number)
        case .double(let number): self = .integer(Int64(exactly: number.rounded()) ?? .max)
        case .string(let text): self = .text(text)
        case .blob(let data): self = .bytes([UInt8](data))
        }
    }

    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let number): number.databaseValue
        case .text(let text): text.databaseValue
        case .bytes(let bytes): Data(bytes).databaseValue
        }
    }
}

extension SQLError {
    /// Translates an error of SQLite; its statement and arguments are left out, since they may hold secrets.
    init(_ error: DatabaseError) {
        let reason = error.message ?? "error \(error.extendedResultCode.rawValue)"
        self.init(Self.code(of: error), "the database failed: \(reason) (SQLite \(error.extendedResultCode.rawValue))")
    }

    private static func code(of error: DatabaseError) -> Code {
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY: return .uniqueViolation
        case .SQLITE_CONSTRAINT_FOREIGNKEY: return .foreignKeyViolation
        default: break
        }
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: return .unavailable
        case .SQLITE_FULL: return .full
        case .SQLITE_READONLY: return .readOnly
        // The library reports a closed connection as a misuse.
        case .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_NOMEM, .SQLITE_MISUSE: return .unavailable
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .corrupt
        default: return .other
        }
    }
}
