// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A value of one of the four types that all databases store in the same way.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])

    /// Returns a Boolean value, stored as 0 or 1.
    package static func flag(_ value: Bool) -> Self {
        .integer(value ? 1 : 0)
    }

    /// Returns a timestamp, stored as UTC microseconds.
    package static func time(_ value: Timestamp) -> Self {
        .integer(value.microseconds)
    }

    /// Returns an optional timestamp.
    package static func time(_ value: Timestamp?) -> Self {
        value.map { .time($0) } ?? .null
    }

    /// Returns an optional text.
    package static func text(_ value: String?) -> Self {
        value.map { .text($0) } ?? .null
    }

    /// Returns an optional number.
    package static func integer(_ value: Int64?) -> Self {
        value.map { .integer($0) } ?? .null
    }

    /// Throws unless every database can store the value unchanged.
    package func check() throws(SQLError) {
        guard case .text(let text) = self, text.utf8.contains(0) else { return }
        throw SQLError(.invalidText, "a text with a zero character cannot be stored")
    }

    /// Returns a digest, stored as its bytes.
    package static func digest(_ value: Digest) -> Self {
        .bytes(value.bytes)
    }
}

/// One row of a result; columns are read by their position in the statement.
package struct SQLRow: Hashable, Sendable {
    /// The values in the order of the statement's columns.
    package let columns: [SQLValue]

    package init(_ columns: [SQLValue]) {
        self.columns = columns
    }

    /// Returns the number in a column that is never null.
    package func integer(_ column: Int) throws -> Int64 {
        guard case .integer(let value) = columns[column] else { throw unexpected(column, "a number") }
        return value
    }

    /// Returns the number in a column that may be null.
    package func optionalInteger(_ column: Int) throws -> Int64? {
        columns[column] == .null ? nil : try integer(column)
    }

    /// Returns the text in a column that is never null.
    package func text(_ column: Int) throws -> String {
        guard case .text(let value) = columns[column] else { throw unexpected(column, "a text") }
        return value
    }

    /// Returns the text in a column that may be null.
    package func optionalText(_ column: Int) throws -> String? {
        columns[column] == .null ? nil : try text(column)
    }

    /// Returns the bytes in a column that is never null.
    package func bytes(_ column: Int) throws -> [UInt8] {
        guard case .bytes(let value) = columns[column] else { throw unexpected(column, "bytes") }
        return value
    }

    /// Returns the Boolean value in a column that is never null.
    package func flag(_ column: Int) throws -> Bool {
        try integer(column) != 0
    }

    /// Returns the timestamp in a column that is never null.
    package func time(_ column: Int) throws -> Timestamp {
        Timestamp(microseconds: try integer(column))
    }

    /// Returns the timestamp in a column that may be null.
    package func optionalTime(_ column: Int) throws -> Timestamp? {
        try optionalInteger(column).map { Timestamp(microseconds: $0) }
    }

    /// Returns the digest in a column that is never null.
    package func digest(_ column: Int, _ algorithm: DigestAlgorithm) throws -> Digest {
        try Digest(algorithm, bytes: try bytes(column))
    }

    /// Returns the digest in a column that may be null.
    package func optionalDigest(_ column: Int, _ algorithm: DigestAlgorithm) throws -> Digest? {
        columns[column] == .null ? nil : try digest(column, algorithm)
    }

    private func unexpected(_ column: Int, _ expected: String) -> SQLError {
        SQLError(
            .unexpectedValue,
            "column \(column) of the result is not \(expected): the database was modified manually"
        )
    }
}
