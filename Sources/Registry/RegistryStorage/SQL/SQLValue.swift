// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A value of one of the four types that every database stores alike.
package enum SQLValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case text(String)
    case bytes([UInt8])

    /// A truth value, stored as 0 or 1.
    package static func flag(_ value: Bool) -> Self {
        .integer(value ? 1 : 0)
    }

    /// A moment, stored as UTC microseconds.
    package static func time(_ value: Timestamp) -> Self {
        .integer(value.microseconds)
    }

    /// A moment that may be absent.
    package static func time(_ value: Timestamp?) -> Self {
        value.map { .time($0) } ?? .null
    }

    /// A text that may be absent.
    package static func text(_ value: String?) -> Self {
        value.map { .text($0) } ?? .null
    }

    /// A number that may be absent.
    package static func integer(_ value: Int64?) -> Self {
        value.map { .integer($0) } ?? .null
    }

    /// Throws unless every database stores the value as it is.
    package func check() throws(SQLError) {
        guard case .text(let text) = self, text.utf8.contains(0) else { return }
        throw SQLError(.invalidText, "a text with a zero character cannot be stored")
    }

    /// A digest, stored as its bytes.
    package static func digest(_ value: Digest) -> Self {
        .bytes(value.bytes)
    }
}

/// One row of a result; columns are read by their position in the statement.
package struct SQLRow: Hashable, Sendable {
    /// The values, in the order of the statement.
    package let columns: [SQLValue]

    package init(_ columns: [SQLValue]) {
        self.columns = columns
    }

    /// The number in a column that is never null.
    package func integer(_ column: Int) throws -> Int64 {
        guard case .integer(let value) = columns[column] else { throw unexpected(column, "a number") }
        return value
    }

    /// The number in a column that may be null.
    package func optionalInteger(_ column: Int) throws -> Int64? {
        columns[column] == .null ? nil : try integer(column)
    }

    /// The text in a column that is never null.
    package func text(_ column: Int) throws -> String {
        guard case .text(let value) = columns[column] else { throw unexpected(column, "a text") }
        return value
    }

    /// The text in a column that may be null.
    package func optionalText(_ column: Int) throws -> String? {
        columns[column] == .null ? nil : try text(column)
    }

    /// The bytes in a column that is never null.
    package func bytes(_ column: Int) throws -> [UInt8] {
        guard case .bytes(let value) = columns[column] else { throw unexpected(column, "bytes") }
        return value
    }

    /// The truth value in a column that is never null.
    package func flag(_ column: Int) throws -> Bool {
        try integer(column) != 0
    }

    /// The moment in a column that is never null.
    package func time(_ column: Int) throws -> Timestamp {
        Timestamp(microseconds: try integer(column))
    }

    /// The moment in a column that may be null.
    package func optionalTime(_ column: Int) throws -> Timestamp? {
        try optionalInteger(column).map { Timestamp(microseconds: $0) }
    }

    /// The digest in a column that is never null.
    package func digest(_ column: Int, _ algorithm: DigestAlgorithm) throws -> Digest {
        try Digest(algorithm, bytes: try bytes(column))
    }

    /// The digest in a column that may be null.
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
