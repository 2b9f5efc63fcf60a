// SPDX-License-Identifier: Apache-2.0

import CSQLite
import RegistryStorage

/// An error that SQLite reported.
struct SQLiteFailure: Error {
    /// The extended result code.
    let code: Int32
    /// SQLite's message, which contains no argument values.
    let message: String

    init(_ code: Int32, _ message: String) {
        self.code = code
        self.message = message
    }

    /// Reads the last error of a connection; `code` is the return value of the failed call.
    init(_ code: Int32, on database: OpaquePointer?) {
        let extended = database.map { sqlite3_extended_errcode($0) } ?? code
        let text = database.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        self.init(
            extended & 0xff == code & 0xff ? extended : code,
            text.map { String(cString: $0) } ?? "error \(code)"
        )
    }

    /// Whether the operating system failed to write data to the disk.
    var isFailedSync: Bool { [sqlite_ioerr_fsync, sqlite_ioerr_dir_fsync].contains(Int(code)) }

    /// Whether a read or write failed.
    var isInputOutput: Bool { code & 0xff == SQLITE_IOERR }

    /// The error for the port, without the statement and its arguments, which may contain secrets.
    var error: SQLError {
        let advice = portCode == .full ? "; free space on the disk of the data directory" : ""
        return SQLError(portCode, "the database failed: \(message) (SQLite \(code))\(advice)")
    }

    private var portCode: SQLError.Code {
        switch Int(code) {
        case sqlite_constraint_unique, sqlite_constraint_primarykey: return .uniqueViolation
        case sqlite_constraint_foreignkey: return .foreignKeyViolation
        default: break
        }
        switch code & 0xff {
        case SQLITE_BUSY, SQLITE_LOCKED: return .unavailable
        case SQLITE_FULL: return .full
        case SQLITE_READONLY: return .readOnly
        // A closed connection is a misuse.
        case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_NOMEM, SQLITE_MISUSE: return .unavailable
        case SQLITE_CORRUPT, SQLITE_NOTADB: return .corrupt
        default: return .other
        }
    }
}
