// SPDX-License-Identifier: Apache-2.0

/// The error of a client call, with a message for the user.
package struct ClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failures that callers distinguish.
    package enum Code: String, CaseIterable, Sendable {
        case usage, notFound, unauthenticated, forbidden, conflict, verificationFailed, unavailable, refused, io
        /// A proxy in front of the registry rejects a body of this size.
        case bodyTooLarge
    }

    /// The kind of failure; only `unavailable` is transient and retried.
    package let code: Code

    /// The failed operation, its object and the remedy.
    package let message: String

    /// The delay before a retry that the server requested, if any.
    package let retryAfter: Duration?

    /// Creates an error; the message must not contain a credential.
    package init(_ code: Code, _ message: String, retryAfter: Duration? = nil) {
        self.code = code
        self.message = message
        self.retryAfter = retryAfter
    }

    /// The message alone.
    package var description: String { message }
}
