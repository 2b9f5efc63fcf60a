// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

// What has expired counts until it is swept: by the housekeeping, or by whoever finds no room for itself.
extension MetadataStore {
    /// How many of each kind are swept for somebody who waits for it.
    private static let sweepLimit = 1000

    /// Does something once more when there was no room for it and there is some after what expired was swept.
    func sweepingWhenFull<Outcome>(
        _ isFull: (Outcome) -> Bool,
        _ body: () async throws -> Outcome
    ) async throws -> Outcome {
        let outcome = try await body()
        guard isFull(outcome), try await sweepExpired() > 0 else { return outcome }
        return try await body()
    }

    private func sweepExpired() async throws -> Int {
        try await removeExpiredReservations() + dropExpiredUploads(limit: Self.sweepLimit)
            + dropExpiredDrafts(limit: Self.sweepLimit)
    }

    /// Removes reservations whose uploads are gone; returns how many there were.
    @discardableResult
    package func removeExpiredReservations() async throws -> Int {
        try await removeReservations { connection in
            try connection.query(
                "SELECT id, owner_id FROM reservation WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2",
                [.time(try expired(connection).through), .integer(Int64(Self.sweepLimit))]
            )
        }
    }

    /// Removes reservations of one owner after another, so that no transaction holds what two owners wait for.
    @discardableResult
    func removeReservations(_ find: @escaping @Sendable (any SQLConnection) throws -> [SQLRow]) async throws -> Int {
        let found = try await database.read { connection in
            try find(connection).map { (id: try $0.text(0), owner: try $0.integer(1)) }
        }
        for (owner, rows) in Dictionary(grouping: found, by: { $0.owner }) {
            try await writeRetrying { connection in
                var room = FreedRoom()
                // In one order, so that two who sweep never wait for each other.
                for row in rows.sorted(by: { $0.id < $1.id }) {
                    if let released = try Self.release(row.id, connection) { room += released.room }
                }
                try Self.add(Self.count(room, connection), owner: owner, connection)
            }
        }
        return found.count
    }
}
