// SPDX-License-Identifier: Apache-2.0

/// How much may be published in all; nil where nothing bounds it.
package struct Quota: Hashable, Sendable {
    /// The size of all content, in bytes.
    package var size: Int64?
    package var versionCount: Int64?

    package init(size: Int64? = nil, versionCount: Int64? = nil) {
        self.size = size
        self.versionCount = versionCount
    }

    package var isUnlimited: Bool { size == nil && versionCount == nil }
}

/// The quotas that a publish has to keep.
package struct Quotas: Hashable, Sendable {
    /// That of one owner.
    package var owner = Quota()
    /// That of all owners together.
    package var total = Quota()

    /// No quotas.
    package init() {}

    package var areUnlimited: Bool { owner.isUnlimited && total.isUnlimited }

    /// The quotas of an owner that has limits of its own.
    package func with(_ own: OwnerLimits) -> Quotas {
        var quotas = self
        quotas.owner.size = own.totalSize.over(owner.size)
        quotas.owner.versionCount = own.versionCount.over(owner.versionCount)
        return quotas
    }
}
