// SPDX-License-Identifier: Apache-2.0

/// What a database refused or failed to do; drivers translate everything into it.
package struct SQLError: Error, Sendable, CustomStringConvertible {
    /// The causes that callers tell apart.
    package enum Code: Sendable {
        case uniqueViolation
        case foreignKeyViolation
        /// The transaction lost against another one and may be run again.
        case conflict
        /// The disk that holds the database is full.
        case full
        case readOnly
        /// The database cannot be reached, or takes no more writes after a failed sync; nothing was changed.
        case unavailable
        /// The commit was under way when the database failed: the transaction may have taken effect, or may do so yet.
        case outcomeUnknown
        case corrupt
        /// A text that not every database stores: it has a zero character.
        case invalidText
        case unexpectedValue
        case other
    }

    /// The cause.
    package let code: Code
    /// What happened, for the log; never contains argument values.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
