// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

/// The difference that a transaction makes to a usage.
struct UsageChange: Equatable {
    var size: Int64 = 0
    var versionCount: Int64 = 0
    var fileCount: Int64 = 0
    /// The size of what is reserved and not published yet.
    var reservedSize: Int64 = 0
    var reservedVersionCount: Int64 = 0
    /// Uploads of several requests that are not complete.
    var uploadCount: Int64 = 0
    var draftCount: Int64 = 0

    static func += (change: inout UsageChange, other: UsageChange) {
        change.size += other.size
        change.versionCount += other.versionCount
        change.fileCount += other.fileCount
        change.reservedSize += other.reservedSize
        change.reservedVersionCount += other.reservedVersionCount
        change.uploadCount += other.uploadCount
        change.draftCount += other.draftCount
    }

    /// The values in the order of `columns`.
    var values: [SQLValue] {
        [size, versionCount, fileCount, reservedSize, reservedVersionCount, uploadCount, draftCount].map {
            .integer($0)
        }
    }
}

extension UsageChange: SQLRecord {
    static let columns: SQL = """
        size, version_count, file_count, reserved_size, reserved_version_count, upload_count, draft_count
        """

    init(reading row: inout RowReader) throws {
        self.init(
            size: try row.integer(),
            versionCount: try row.integer(),
            fileCount: try row.integer(),
            reservedSize: try row.integer(),
            reservedVersionCount: try row.integer(),
            uploadCount: try row.integer(),
            draftCount: try row.integer()
        )
    }
}

/// The rows of the usage in which a transaction counts, the same ones each time.
struct UsageSlots {
    /// The slot whose row serializes the transactions that must keep a quota.
    static let ordering: Int64 = 0
    /// The others; each transaction takes a random one, so that publishers of one owner need not wait for each other's commits.
    private static let free: ClosedRange<Int64> = 1...32

    let owner: Int64
    let total: Int64

    /// `isOwnerBounded` is for what bounds an owner besides its quota.
    init(keeping quotas: Quotas = Quotas(), isOwnerBounded: Bool = false) {
        owner = quotas.owner.isUnlimited && !isOwnerBounded ? .random(in: Self.free) : Self.ordering
        total = quotas.total.isUnlimited ? .random(in: Self.free) : Self.ordering
    }
}

/// The room that a transaction frees, while it collects it.
///
/// A version is not released where its holder is deleted but after all holders, because reserved versions come later in the lock order.
struct FreedRoom {
    var change = UsageChange()
    /// The versions that deleted reservations and drafts would have created, one for each of them.
    var versions: [String] = []

    static func += (sum: inout FreedRoom, more: FreedRoom) {
        sum.change += more.change
        sum.versions += more.versions
    }
}

extension Quotas {
    /// The usage that each quota bounds, in the order in which transactions lock their rows.
    func scopes(of owner: Int64) -> [(scope: UsageScope, quota: Quota)] {
        [(.owner(owner), self.owner), (.total, total)]
    }
}
