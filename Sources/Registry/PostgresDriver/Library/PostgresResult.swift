// SPDX-License-Identifier: Apache-2.0

import CLibPQ
import RegistryStorage

/// The result of one statement, freed with its last reference.
final class PostgresResult {
    private let libpq: LibPQ
    private let handle: OpaquePointer

    init(_ handle: OpaquePointer, _ libpq: LibPQ) {
        self.handle = handle
        self.libpq = libpq
    }

    deinit { libpq.clear(handle) }

    /// The server's error, or nil when the statement succeeded.
    var refusal: PostgresRefusal? {
        switch libpq.resultStatus(handle) {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY: nil
        default:
            PostgresRefusal(
                state: field(UInt8(ascii: "C")) ?? "",
                severity: field(UInt8(ascii: "V")) ?? "FATAL",
                message: field(UInt8(ascii: "M")) ?? "no reason was given"
            )
        }
    }

    /// The command tag, for example `COMMIT`.
    var command: String { libpq.cmdStatus(handle).map { String(cString: $0) } ?? "" }

    /// The number of changed rows.
    var changedRows: Int { libpq.cmdTuples(handle).flatMap { Int(String(cString: $0)) } ?? 0 }

    var rows: [SQLRow] {
        let columns = 0..<libpq.nfields(handle)
        let types = columns.map { libpq.ftype(handle, $0) }
        return (0..<libpq.ntuples(handle)).map { row in
            SQLRow(columns.map { value(row, $0, types[Int($0)]) })
        }
    }

    private func value(_ row: CInt, _ column: CInt, _ type: Oid) -> SQLValue {
        guard libpq.getisnull(handle, row, column) == 0, let start = libpq.getvalue(handle, row, column) else {
            return .null
        }
        let count = Int(libpq.getlength(handle, row, column))
        return start.withMemoryRebound(to: UInt8.self, capacity: count) {
            SQLValue(text: UnsafeBufferPointer(start: $0, count: count), type: type)
        }
    }

    /// Returns an error field; callers use only fields that hold no values, unlike the detail of a violation, for example.
    private func field(_ code: UInt8) -> String? {
        libpq.resultErrorField(handle, CInt(code)).map { String(cString: $0) }
    }
}

extension SQLValue {
    /// Parses a value in PostgreSQL's text format according to its type number (`pg_type.dat`).
    init(text: UnsafeBufferPointer<UInt8>, type: Oid) {
        switch type {
        // bool
        case 16: self = .flag(text.first == UInt8(ascii: "t"))
        // bytea, in hexadecimal digits after \x
        case 17: self = .bytes(Self.bytes(ofHexadecimal: text.dropFirst(2)))
        // bigint, smallint, integer; numeric is the type of a sum
        case 20, 21, 23, 1700:
            let digits = String(decoding: text, as: UTF8.self)
            self = .integer(Int64(digits) ?? .max)
        default: self = .text(String(decoding: text, as: UTF8.self))
        }
    }

    private static func bytes(ofHexadecimal digits: Slice<UnsafeBufferPointer<UInt8>>) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: digits.count / 2) { bytes, count in
            var high: UInt8?
            for digit in digits {
                let value = digit <= UInt8(ascii: "9") ? digit - UInt8(ascii: "0") : digit - UInt8(ascii: "a") + 10
                guard let first = high else {
                    high = value
                    continue
                }
                bytes[count] = first << 4 | value
                count += 1
                high = nil
            }
        }
    }
}
