// SPDX-License-Identifier: Apache-2.0

/// Why a use case refused or could not do what it was asked.
///
/// Each case carries one sentence for the person who asked: what failed, on what, what to do. It never holds a secret,
/// and never tells that something exists to someone who may not know. Every other error is an internal one.
package enum RegistryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The input breaks a rule of the contract.
    case invalid(String)
    case notFound(String)
    case alreadyExists(String)
    /// Something else depends on what was to be deleted or changed.
    case stillInUse(String)
    /// A version exists and its contract lets nothing be added to it.
    case versionExists(String)
    case unauthenticated(String)
    case forbidden(String)
    case quotaExceeded(String)
    case tooLarge(String)
    case digestMismatch(String)
    /// A condition that the request made does not hold.
    case preconditionFailed(String)
    /// The body ended early or was not framed as HTTP demands.
    case incompleteBody(String)
    /// The body came too slowly.
    case timedOut(String)
    /// The disk or the store is full.
    case insufficientStorage(String)
    /// Something the registry needs cannot be used now; asking again later may help.
    case unavailable(String)
    case rateLimited(String)

    package var description: String { message }

    /// The sentence.
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
