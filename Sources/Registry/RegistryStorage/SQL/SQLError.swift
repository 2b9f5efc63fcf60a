// SPDX-License-Identifier: Apache-2.0

/// An error of a database; drivers translate all of their errors into it.
package struct SQLError: Error, Sendable, CustomStringConvertible {
    /// The causes that callers distinguish.
    package enum Code: Sendable {
        case uniqueViolation
        case foreignKeyViolation
        /// The transaction conflicts with another one and can be retried.
        case conflict
        /// The disk that holds the database is full.
        case full
        case readOnly
        /// The database is unreachable, or accepts no more writes after a failed sync; nothing was changed.
        case unavailable
        /// The database failed during the commit: the transaction may have taken effect, or may do so later.
        case outcomeUnknown
        case corrupt
        /// The text contains a zero character, which not every database can store.
        case invalidText
        case unexpectedValue
        case other
    }

    /// The cause.
    package let code: Code
    /// The message for the log; never contains argument values.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
