// SPDX-License-Identifier: Apache-2.0

/// The reason why a use case failed.
///
/// Each case carries one sentence for the caller: what failed, why, and what to do. It never contains a secret, and
/// never reveals the existence of anything that the caller may not see. Every other error is an internal one.
package enum RegistryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The input violates a rule of the contract.
    case invalid(String)
    case notFound(String)
    case alreadyExists(String)
    /// Other data depends on what was to be deleted or changed.
    case stillInUse(String)
    /// The version exists, and its contract accepts no further files.
    case versionExists(String)
    case unauthenticated(String)
    case forbidden(String)
    case quotaExceeded(String)
    case tooLarge(String)
    case digestMismatch(String)
    /// A precondition of the request failed.
    case preconditionFailed(String)
    /// The body ended early or has invalid HTTP framing.
    case incompleteBody(String)
    /// The client sent the body too slowly.
    case timedOut(String)
    /// The disk or the store is full.
    case insufficientStorage(String)
    /// A required service is unavailable; a later retry may succeed.
    case unavailable(String)
    case rateLimited(String)

    package var description: String { message }

    /// The error message.
    package var message: String {
        switch self {
        case .invalid(let text), .notFound(let text), .alreadyExists(let text), .stillInUse(let text),
            .versionExists(let text),
            .unauthenticated(let text), .forbidden(let text), .quotaExceeded(let text), .tooLarge(let text),
            .digestMismatch(let text),
            .preconditionFailed(let text),
            .incompleteBody(let text), .timedOut(let text),
            .insufficientStorage(let text), .unavailable(let text),
            .rateLimited(let text):
            text
        }
    }
}
