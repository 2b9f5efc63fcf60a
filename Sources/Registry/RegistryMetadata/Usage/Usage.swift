// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// How much an owner, or all owners together, have; equal content counts once for an owner.
package struct Usage: Hashable, Sendable {
    /// The size of all content, in bytes.
    package var size: Int64 = 0
    package var versionCount: Int64 = 0
    package var fileCount: Int64 = 0
    /// What uploads that run now have set aside.
    package var reservedSize: Int64 = 0
    package var reservedVersionCount: Int64 = 0
    /// Uploads of several requests that are not complete.
    package var uploadCount: Int64 = 0
    package var draftCount: Int64 = 0

    package init() {}

    /// The room that a bound on the size leaves.
    func room(below limit: Int64?) -> Int64 { limit.map { $0 - size - reservedSize } ?? .max }

    /// What stands in the way of so much more; a size of nil is one that is not known yet.
    func breach(of quota: Quota, in scope: UsageScope, addingSize wanted: Int64?, versions: Int64) -> QuotaBreach? {
        if let limit = quota.size, wanted != 0, wanted ?? 1 > room(below: limit) {
            return QuotaBreach(
                scope: scope,
                measure: .size,
                limit: limit,
                used: size,
                reserved: reservedSize,
                wanted: wanted
            )
        }
        if let limit = quota.versionCount, versions > 0, versionCount + reservedVersionCount + versions > limit {
            return QuotaBreach(
                scope: scope,
                measure: .versionCount,
                limit: limit,
                used: versionCount,
                reserved: reservedVersionCount,
                wanted: versions
            )
        }
        return nil
    }
}

/// Whose usage is counted.
package enum UsageScope: Hashable, Sendable {
    case owner(Int64)
    /// All owners together.
    case total

    /// The number that rows of the usage have in the place of an owner's.
    var number: Int64 {
        switch self {
        case .owner(let id): id
        case .total: 0
        }
    }
}

/// A quota that has no room for what somebody wants to publish.
package struct QuotaBreach: Hashable, Sendable {
    /// What a quota bounds.
    package enum Measure: Hashable, Sendable {
        case size, versionCount
    }

    package let scope: UsageScope
    package let measure: Measure
    package let limit: Int64
    package let used: Int64
    package let reserved: Int64
    /// How much more was wanted; nil when the size was not announced.
    package let wanted: Int64?
}
