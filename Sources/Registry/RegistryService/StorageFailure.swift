// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

/// A failure of the database or of the store, as far as a client needs to tell failures apart.
package enum StorageFailure: Sendable {
    /// There is no space left; nothing was changed.
    case full
    case readOnly
    case contentMissing
    /// The data cannot be reached now, or other requests changed it in every attempt; nothing was changed.
    case unavailable
    /// The change may or may not have taken effect.
    case outcomeUnknown
    /// A text with a character that not every database stores.
    case invalidText
    /// What the change refers to was deleted concurrently.
    case deleted
    case other

    /// Returns nil for an error of another kind.
    package init?(_ error: any Error) {
        switch error {
        case let error as BlobStoreError: self.init(error.code)
        case let error as SQLError: self.init(error.code)
        default: return nil
        }
    }

    private init(_ code: BlobStoreError.Code) {
        switch code {
        case .full: self = .full
        case .readOnly: self = .readOnly
        case .missing: self = .contentMissing
        case .unavailable, .other: self = .unavailable
        }
    }

    private init(_ code: SQLError.Code) {
        switch code {
        case .full: self = .full
        case .readOnly: self = .readOnly
        case .invalidText: self = .invalidText
        case .outcomeUnknown: self = .outcomeUnknown
        case .unavailable, .conflict, .corrupt: self = .unavailable
        case .foreignKeyViolation: self = .deleted
        case .uniqueViolation, .unexpectedValue, .other: self = .other
        }
    }
}
