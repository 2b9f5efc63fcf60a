// SPDX-License-Identifier: Apache-2.0

/// Why a call of the registry's client failed, in words for its user.
package struct ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure a caller may want to tell apart.
    package enum Code: String, CaseIterable, Sendable {
        case usage, notFound, unauthenticated, forbidden, conflict, verificationFailed, unavailable, refused, io
        /// A proxy in front of the registry takes no body of this size.
        case bodyTooLarge
    }

    /// The kind of failure; `unavailable` alone may go away by itself and is tried again.
    package let code: Code

    /// What failed, on what, what to do.
    package let message: String

    /// How long the server asked to be left alone, if it did.
    package let retryAfter: Duration?

    /// Creates an error; the message never holds a credential.
    package init(_ code: Code, _ message: String, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    /// The message alone.
    package var description: String { message }
}
