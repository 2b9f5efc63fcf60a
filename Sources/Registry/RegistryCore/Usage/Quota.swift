// SPDX-License-Identifier: Apache-2.0

/// The maximum amount of published data; nil where there is no limit.
package struct Quota: Hashable, Sendable {
    /// The maximum size of all content in bytes.
    package var size: Int64?
    package var versionCount: Int64?

    package init(size: Int64? = nil, versionCount: Int64? = nil) {
        self.size = size
        self.versionCount = versionCount
    }

    package var isUnlimited: Bool { size == nil && versionCount == nil }
}

/// The quotas that apply to a publish.
package struct Quotas: Hashable, Sendable {
    /// The quota of one owner.
    package var owner = Quota()
    /// The quota of all owners together.
    package var total = Quota()

    /// Creates unlimited quotas.
    package init() {}

    package var areUnlimited: Bool { owner.isUnlimited && total.isUnlimited }

    /// Returns the quotas with the limits of an owner applied.
    package func with(_ own: OwnerLimits) -> Quotas {
        var quotas = self
        quotas.owner.size = own.totalSize.over(owner.size)
        quotas.owner.versionCount = own.versionCount.over(owner.versionCount)
        return quotas
    }
}
