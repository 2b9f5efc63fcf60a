// SPDX-License-Identifier: Apache-2.0

import CSQLite
import RegistryStorage

/// What SQLite refused or failed to do.
struct SQLiteFailure: Error {
    /// The extended result code.
    let code: Int32
    /// SQLite's own words, which have no values of arguments.
    let message: String

    init(_ code: Int32, _ message: String) {
        self.code = code
        self.message = message
    }

    /// What a connection failed with last; `code` is what the call gave back.
    init(_ code: Int32, on database: OpaquePointer?) {
        let extended = database.map { sqlite3_extended_errcode($0) } ?? code
        let text = database.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        self.init(
            extended & 0xff == code & 0xff ? extended : code,
            text.map { String(cString: $0) } ?? "error \(code)"
        )
    }

    /// Whether the operating system could not bring to the disk what was written.
    var isFailedSync: Bool { [sqlite_ioerr_fsync, sqlite_ioerr_dir_fsync].contains(Int(code)) }

    /// Whether reading or writing failed.
    var isInputOutput: Bool { code & 0xff == SQLITE_IOERR }

    /// The failure as the port tells it; the statement and its arguments are left out, since they may hold secrets.
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
