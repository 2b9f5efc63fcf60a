// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata

/// The reason why a use case failed.
///
/// The message is one sentence for the caller: what failed, why, and what to do. It never contains a secret, and never
/// reveals the existence of anything that the caller may not see. Every other error is an internal one.
package struct RegistryError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kind of failure; the raw value is the code for programs, listed in `docs/API.md`.
    package enum Code: String, CaseIterable, Sendable {
        /// The input violates a rule of the contract.
        case invalid
        case notFound = "not_found"
        case alreadyExists = "already_exists"
        /// Other data depends on what was to be deleted or changed.
        case stillInUse = "still_in_use"
        /// The version exists, and its contract accepts no further files.
        case versionExists = "version_exists"
        case unauthenticated
        case forbidden
        case quotaExceeded = "quota_exceeded"
        case tooLarge = "too_large"
        case digestMismatch = "digest_mismatch"
        /// A precondition of the request failed.
        case preconditionFailed = "precondition_failed"
        /// The body ended early or has invalid HTTP framing.
        case incompleteBody = "incomplete_body"
        /// The client sent the body too slowly.
        case timedOut = "timed_out"
        /// The disk or the store is full.
        case insufficientStorage = "insufficient_storage"
        /// A required service is unavailable; a later retry may succeed.
        case unavailable
        case rateLimited = "rate_limited"
    }

    package let code: Code
    package let message: String

    package var description: String { message }
}

extension RegistryError {
    package static func invalid(_ message: String) -> Self { Self(code: .invalid, message: message) }
    package static func notFound(_ message: String) -> Self { Self(code: .notFound, message: message) }
    package static func alreadyExists(_ message: String) -> Self { Self(code: .alreadyExists, message: message) }
    package static func stillInUse(_ message: String) -> Self { Self(code: .stillInUse, message: message) }
    package static func versionExists(_ message: String) -> Self { Self(code: .versionExists, message: message) }
    package static func unauthenticated(_ message: String) -> Self { Self(code: .unauthenticated, message: message) }
    package static func forbidden(_ message: String) -> Self { Self(code: .forbidden, message: message) }
    package static func quotaExceeded(_ message: String) -> Self { Self(code: .quotaExceeded, message: message) }
    package static func tooLarge(_ message: String) -> Self { Self(code: .tooLarge, message: message) }
    package static func digestMismatch(_ message: String) -> Self { Self(code: .digestMismatch, message: message) }
    package static func preconditionFailed(_ message: String) -> Self {
        Self(code: .preconditionFailed, message: message)
    }
    package static func incompleteBody(_ message: String) -> Self { Self(code: .incompleteBody, message: message) }
    package static func timedOut(_ message: String) -> Self { Self(code: .timedOut, message: message) }
    package static func insufficientStorage(_ message: String) -> Self {
        Self(code: .insufficientStorage, message: message)
    }
    package static func unavailable(_ message: String) -> Self { Self(code: .unavailable, message: message) }
    package static func rateLimited(_ message: String) -> Self { Self(code: .rateLimited, message: message) }
}

extension PublishRefusal {
    /// Returns the error for a publisher who lost the permission to publish during the upload.
    func error(publishingTo owner: OwnerName) -> RegistryError {
        switch self {
        case .unauthenticated:
            .unauthenticated(
                "the account was disabled, or its access token or password revoked, during the upload: nothing was stored; "
                    + "sign in again"
            )
        case .notFound:
            .notFound(
                "owner \(owner) no longer exists or is no longer visible to you: nothing was stored; check the name and "
                    + "your permissions"
            )
        case .forbidden(let reason): .forbidden("\(reason); nothing was stored")
        }
    }
}
