// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Removes a user with its access tokens and memberships, unless something would be left without an owner.
    ///
    /// With `includingPackages` its packages and drafts go, too.
    package func removeUser(_ id: Int64, includingPackages: Bool = false) async throws -> OwnerRemoval {
        try await writeRetrying(telling: .access) { connection in
            try Self.lockAdministrators(connection)
            guard let user = try Self.findUser(id, connection)?.account else { return .notFound }
            if try Self.isLastAdministrator(user, connection) { return .lastAdministrator }
            if let organization = try Self.organizationOwnedOnly(by: user.id, connection) {
                return .lastOwner(of: organization)
            }
            guard includingPackages else { return try Self.removeOwner(user.id, connection) }
            for _ in 0..<Self.mostRounds {
                try self.deletePackages(ofOwner: user.id, connection)
                let drafts = try Self.deleteDrafts(ofOwner: user.id, connection)
                try Self.add(Self.count(drafts, connection), owner: user.id, connection)
                let outcome = try Self.removeOwner(user.id, connection)
                if case .ownsPackages = outcome { continue }
                return outcome
            }
            return .ownsPackages
        }
    }

    /// How often packages are deleted that were published while others went, before their publishers are left to win.
    private static let mostRounds = 10

    /// Removes an organization with its teams, unless it has packages or drafts.
    package func removeOrganization(_ id: Int64) async throws -> OwnerRemoval {
        try await writeRetrying(telling: .access) { connection in
            guard try Self.findOrganization(id, connection) != nil else { return .notFound }
            return try Self.removeOwner(id, connection)
        }
    }

    private static func removeOwner(_ id: Int64, _ connection: any SQLConnection) throws -> OwnerRemoval {
        // What appears after this is refused by its foreign key; then this transaction runs again.
        let owned = try connection.first(
            """
            SELECT 1 WHERE EXISTS (SELECT 1 FROM package WHERE owner_id = $1)
                OR EXISTS (SELECT 1 FROM draft WHERE owner_id = $1)
            """,
            [.integer(id)]
        )
        guard owned == nil else { return .ownsPackages }
        let dropped = try count(dropUploads(ofOwner: id, connection), connection)
        try connection.execute("DELETE FROM owner WHERE id = $1", [.integer(id)])
        try add(dropped, owner: id, connection)
        // After the owner's row, which a publisher holds before it counts.
        try connection.execute("DELETE FROM usage WHERE owner_id = $1", [.integer(id)])
        return .removed
    }

    /// The first organization that has no other owner than the account.
    private static func organizationOwnedOnly(
        by account: Int64,
        _ connection: any SQLConnection
    ) throws -> OwnerName? {
        // Orders transactions that take owners away from one organization.
        try connection.execute(
            """
            UPDATE team SET is_owners = 1
            WHERE is_owners = 1 AND id IN (SELECT team_id FROM team_member WHERE account_id = $1)
            """,
            [.integer(account)]
        )
        return try connection.first(
            """
            SELECT owner.name
            FROM team_member
            JOIN team ON team.id = team_member.team_id
            JOIN owner ON owner.id = team.organization_id
            WHERE team_member.account_id = $1 AND team.is_owners = 1 AND NOT EXISTS (
                SELECT 1 FROM team_member AS other WHERE other.team_id = team.id AND other.account_id <> $1
            )
            ORDER BY owner.lower_name LIMIT 1
            """,
            [.integer(account)]
        ).map { try OwnerName(try $0.text(0)) }
    }
}
