// SPDX-License-Identifier: Apache-2.0

/// The limits of one owner.
package struct OwnerLimits: Hashable, Sendable {
    /// The maximum size of one file in bytes.
    package var fileSize = OwnLimit.standard
    /// The maximum size of all content in bytes.
    package var totalSize = OwnLimit.standard
    package var versionCount = OwnLimit.standard

    /// Creates limits that use the registry's defaults.
    package init() {}
}

/// One limit of an owner, which overrides the registry's default.
package enum OwnLimit: Hashable, Sendable {
    /// The registry's default applies.
    case standard
    case unlimited
    case at(Int64)

    /// The number that means unlimited, as in Gitea's settings.
    private static let unlimitedNumber: Int64 = -1

    /// Creates the limit for a number, with nil for the default; returns nil for an invalid number.
    package init?(number: Int64?) {
        switch number {
        case nil: self = .standard
        case Self.unlimitedNumber?: self = .unlimited
        case let number?:
            guard number >= 0 else { return nil }
            self = .at(number)
        }
    }

    package var number: Int64? {
        switch self {
        case .standard: nil
        case .unlimited: Self.unlimitedNumber
        case .at(let number): number
        }
    }

    /// Returns the effective limit, or nil when there is none.
    package func over(_ standard: Int64?) -> Int64? {
        switch self {
        case .standard: standard
        case .unlimited: nil
        case .at(let number): number
        }
    }
}
