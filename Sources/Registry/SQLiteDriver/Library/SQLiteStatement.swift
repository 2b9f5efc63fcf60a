// SPDX-License-Identifier: Apache-2.0

import CSQLite
import RegistryStorage

/// A prepared statement of one connection, freed with its last reference.
final class SQLiteStatement {
    private let database: OpaquePointer
    private let handle: OpaquePointer
    /// The position of each argument: SQLite numbers `$1`, `$2`, … by their first appearance, and identifies them by name.
    private let positions: [Int32]

    init(_ text: String, on database: OpaquePointer) throws(SQLiteFailure) {
        self.database = database
        handle = try Self.prepare(text, database)
        var positions: [Int32] = []
        let count = sqlite3_bind_parameter_count(handle)
        while positions.count < count {
            let position = sqlite3_bind_parameter_index(handle, "$\(positions.count + 1)")
            guard position > 0 else {
                sqlite3_finalize(handle)
                throw SQLiteFailure(SQLITE_MISUSE, "the parameters of a statement must be numbered from $1")
            }
            positions.append(position)
        }
        self.positions = positions
    }

    deinit { sqlite3_finalize(handle) }

    private static func prepare(_ text: String, _ database: OpaquePointer) throws(SQLiteFailure) -> OpaquePointer {
        var text = text
        var statement: OpaquePointer?
        var hasMore = false
        let code = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { bytes in
                var rest: UnsafePointer<CChar>?
                let code = sqlite3_prepare_v3(
                    database,
                    bytes.baseAddress,
                    Int32(bytes.count),
                    UInt32(SQLITE_PREPARE_PERSISTENT),
                    &statement,
                    &rest
                )
                if let start = bytes.baseAddress, let rest {
                    hasMore = bytes[(rest - start)...].contains { $0 > 0x20 && $0 != CChar(UInt8(ascii: ";")) }
                }
                return code
            }
        }
        guard code == SQLITE_OK else { throw SQLiteFailure(code, on: database) }
        guard let statement, !hasMore else {
            sqlite3_finalize(statement)
            throw SQLiteFailure(SQLITE_MISUSE, "the text must contain exactly one statement")
        }
        return statement
    }

    /// Binds a value to every parameter.
    func bind(_ arguments: [SQLValue]) throws(SQLiteFailure) {
        guard arguments.count == positions.count else {
            throw SQLiteFailure(
                SQLITE_MISUSE,
                "the statement has \(positions.count) parameters but \(arguments.count) arguments"
            )
        }
        for (argument, position) in zip(arguments, positions) {
            let code =
                switch argument {
                case .null: sqlite3_bind_null(handle, position)
                case .integer(let number): sqlite3_bind_int64(handle, position, number)
                case .text(let text): bind(text, position)
                case .bytes(let bytes):
                    bytes.withUnsafeBytes { sqlite_bind_bytes(handle, position, $0.baseAddress, $0.count) }
                }
            guard code == SQLITE_OK else { throw SQLiteFailure(code, on: database) }
        }
    }

    private func bind(_ text: String, _ position: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { sqlite_bind_text(handle, position, $0.baseAddress, $0.count) }
        }
    }

    /// Advances to the next row; returns false after the last one.
    func step() throws(SQLiteFailure) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw SQLiteFailure(code, on: database)
        }
    }

    /// The current row.
    var row: SQLRow {
        // The column count is read for each row, because a schema change affects `*`.
        SQLRow((0..<sqlite3_data_count(handle)).map(value))
    }

    private func value(_ column: Int32) -> SQLValue {
        switch sqlite3_column_type(handle, column) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, column))
        case SQLITE_FLOAT: return .integer(Int64(exactly: sqlite3_column_double(handle, column).rounded()) ?? .max)
        case SQLITE_TEXT:
            // SQLite may convert the text first, so the byte count is valid only afterwards.
            guard let start = sqlite3_column_text(handle, column) else { return .text("") }
            let count = Int(sqlite3_column_bytes(handle, column))
            return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let start = sqlite3_column_blob(handle, column)
            return .bytes(Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))))
        default: return .null
        }
    }

    /// Resets the statement for its next use and frees its arguments; an open statement keeps its transaction open.
    func reset() {
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
    }
}
