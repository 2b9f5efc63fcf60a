// SPDX-License-Identifier: Apache-2.0

/// The limits that were set for one owner.
package struct OwnerLimits: Hashable, Sendable {
    /// The size of one file, in bytes.
    package var fileSize = OwnLimit.standard
    /// The size of all content, in bytes.
    package var totalSize = OwnLimit.standard
    package var versionCount = OwnLimit.standard

    /// The registry's defaults.
    package init() {}
}

/// One limit of an owner, which is stronger than the registry's default.
package enum OwnLimit: Hashable, Sendable {
    /// The registry's default holds.
    case standard
    case unlimited
    case at(Int64)

    /// What stands for no limit where limits are numbers, as in Gitea's settings.
    private static let unlimitedNumber: Int64 = -1

    /// The limit that a number stands for, nil being the default; nil when it stands for none.
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

    /// The limit in force, nil being none.
    package func over(_ standard: Int64?) -> Int64? {
        switch self {
        case .standard: standard
        case .unlimited: nil
        case .at(let number): number
        }
    }
}
