// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// Reads the columns of a row one after another, in the order in which its statement lists them.
package struct RowReader {
    private let row: SQLRow
    private var position = 0

    package init(_ row: SQLRow) {
        self.row = row
    }

    /// Whether the next column is null.
    package var isNull: Bool { row.columns[position] == .null }

    /// Reads a number that is never null.
    package mutating func integer() throws -> Int64 { try row.integer(next()) }

    /// Reads a number that may be null.
    package mutating func optionalInteger() throws -> Int64? { try row.optionalInteger(next()) }

    /// Reads a text that is never null.
    package mutating func text() throws -> String { try row.text(next()) }

    /// Reads a text that may be null.
    package mutating func optionalText() throws -> String? { try row.optionalText(next()) }

    /// Reads bytes that are never null.
    package mutating func bytes() throws -> [UInt8] { try row.bytes(next()) }

    /// Reads a truth value that is never null.
    package mutating func flag() throws -> Bool { try row.flag(next()) }

    /// Reads a time that is never null.
    package mutating func time() throws -> Timestamp { try row.time(next()) }

    /// Reads a time that may be null.
    package mutating func optionalTime() throws -> Timestamp? { try row.optionalTime(next()) }

    /// Reads a digest that is never null.
    package mutating func digest(_ algorithm: DigestAlgorithm) throws -> Digest { try row.digest(next(), algorithm) }

    /// Reads a digest that may be null.
    package mutating func optionalDigest(_ algorithm: DigestAlgorithm) throws -> Digest? {
        try row.optionalDigest(next(), algorithm)
    }

    /// Reads a value from a text that is never null; `make` returns nil for a text that stands for none.
    package mutating func value<Value>(_ make: (String) throws -> Value?) throws -> Value {
        let column = next()
        guard let value = try make(try row.text(column)) else {
            throw SQLError(
                .unexpectedValue,
                "column \(column) of the result is not a valid \(Value.self): the database was modified manually"
            )
        }
        return value
    }

    /// Reads a word of an enumeration that is never null.
    package mutating func word<Word: RawRepresentable<String>>() throws -> Word { try value(Word.init(rawValue:)) }

    /// Reads a word of an enumeration that may be null.
    package mutating func optionalWord<Word: RawRepresentable<String>>() throws -> Word? {
        guard !isNull else {
            skip()
            return nil
        }
        return try word() as Word
    }

    /// Passes over columns.
    package mutating func skip(_ count: Int = 1) {
        position += count
    }

    private mutating func next() -> Int {
        defer { position += 1 }
        return position
    }
}
