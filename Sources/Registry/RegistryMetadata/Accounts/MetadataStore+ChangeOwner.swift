// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Changes what an organization says about itself, and who may see it.
    package func updateOrganization(_ id: Int64, _ change: OwnerChange) async throws -> OrganizationUpdate {
        try await writeRetrying(telling: .access) { connection in
            guard try Self.findOrganization(id, connection) != nil else { return .notFound }
            try Self.apply(change, toOwner: id, connection)
            return .updated
        }
    }

    /// Gives an owner another name; the old one leads to it until somebody takes it.
    package func renameOwner(_ id: Int64, to new: OwnerName) async throws -> OwnerRename {
        do {
            return try await writeRetrying(telling: .access) { connection in
                guard let owner = try Self.findOwner(id, connection) else { return .notFound }
                try connection.execute(
                    "UPDATE owner SET name = $2, lower_name = $3 WHERE id = $1",
                    [.integer(owner.id), .text(new.text), .text(new.folded)]
                )
                try connection.execute("DELETE FROM owner_redirect WHERE lower_name = $1", [.text(new.folded)])
                if owner.name.folded != new.folded { try Self.redirect(owner, connection) }
                return .renamed
            }
        } catch let error as SQLError where error.code == .uniqueViolation {
            return .nameTaken
        }
    }

    private static func redirect(_ owner: Owner, _ connection: any SQLConnection) throws {
        try connection.execute(
            """
            INSERT INTO owner_redirect (lower_name, owner_id) VALUES ($1, $2)
            ON CONFLICT (lower_name) DO UPDATE SET owner_id = excluded.owner_id
            """,
            [.text(owner.name.folded), .integer(owner.id)]
        )
    }
}
