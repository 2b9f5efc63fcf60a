// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

/// What a transaction gives back of the room that was set aside, while it collects it.
///
/// Transactions that touch one version wait for each other in one order: the package, its version, blobs and files; drafts, uploads
/// and reservations; then the reserved versions in the order of their keys; last the usage. So a version is not released where its
/// holder is deleted but by `count`, when all holders are.
struct FreedRoom {
    var change = UsageChange()
    /// The versions that deleted reservations and drafts would have made, one for each of them.
    var versions: [String] = []

    static func += (sum: inout FreedRoom, more: FreedRoom) {
        sum.change += more.change
        sum.versions += more.versions
    }
}

extension MetadataStore {
    /// Releases the versions in freed room; returns what is to be counted in all.
    static func count(_ freed: FreedRoom, _ connection: any SQLConnection) throws -> UsageChange {
        var change = freed.change
        for version in freed.versions.sorted() { change += try release(version: version, connection) }
        return change
    }

    /// Counts freed room of several owners.
    static func add(_ freed: [Int64: FreedRoom], _ connection: any SQLConnection) throws {
        var changes = freed.mapValues(\.change)
        // A key begins with the owner's number, which does not order owners as their numbers do.
        let versions = freed.flatMap { owner, room in room.versions.map { (owner, version: $0) } }
        for (owner, version) in versions.sorted(by: { $0.version < $1.version }) {
            changes[owner, default: UsageChange()] += try release(version: version, connection)
        }
        try add(changes, connection)
    }
}
