// SPDX-License-Identifier: Apache-2.0

/// The usage of an owner or of all owners together; equal content counts once for an owner.
package struct Usage: Hashable, Sendable {
    /// The size of all content, in bytes.
    package var size: Int64 = 0
    package var versionCount: Int64 = 0
    package var fileCount: Int64 = 0
    /// The size that uploads and drafts have reserved.
    package var reservedSize: Int64 = 0
    package var reservedVersionCount: Int64 = 0
    /// Uploads of several requests that are not complete.
    package var uploadCount: Int64 = 0
    package var draftCount: Int64 = 0

    package init() {}

    /// Returns the room that a limit of the size leaves.
    package func room(below limit: Int64?) -> Int64 { limit.map { $0 - size - reservedSize } ?? .max }

    /// Returns the quota that an addition would exceed; a size of nil is not known yet.
    package func breach(of quota: Quota, in scope: UsageScope, addingSize wanted: Int64?, versions: Int64)
        -> QuotaBreach?
    {
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

/// The owners whose usage is counted.
package enum UsageScope: Hashable, Sendable {
    case owner(Int64)
    /// All owners together.
    case total

    /// The owner's number in the rows of the usage; 0 stands for all.
    package var number: Int64 {
        switch self {
        case .owner(let id): id
        case .total: 0
        }
    }
}

/// A quota without room for a publish.
package struct QuotaBreach: Hashable, Sendable {
    /// The measures that quotas limit.
    package enum Measure: Hashable, Sendable {
        case size, versionCount
    }

    package let scope: UsageScope
    package let measure: Measure
    package let limit: Int64
    package let used: Int64
    package let reserved: Int64
    /// The addition that was wanted; nil if its size was not announced.
    package let wanted: Int64?

    package init(
        scope: UsageScope,
        measure: Measure,
        limit: Int64,
        used: Int64,
        reserved: Int64,
        wanted: Int64?
    ) {
        self.scope = scope
        self.measure = measure
        self.limit = limit
        self.used = used
        self.reserved = reserved
        self.wanted = wanted
    }
}
