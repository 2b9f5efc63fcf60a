// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

extension MetadataStore {
    /// Finds what is shown of an owner, and what an account's access to it depends on, in one read.
    ///
    /// A name that the owner had before leads to it, too; the profile has its present name.
    package func profile(
        _ name: OwnerName,
        seenBy account: Account?
    ) async throws -> (profile: OwnerProfile, access: OwnerAccess)? {
        try await database.read { connection in
            let found = try Self.findOwner(name, seenBy: account, connection)
            // The same work, whether there is one or not.
            let profile = try Self.findProfile(found?.owner.id ?? 0, connection)
            guard let found, let profile else { return nil }
            return (profile, found.access)
        }
    }

    /// Finds the same by an owner's number.
    package func profile(
        id: Int64,
        seenBy account: Account?
    ) async throws -> (profile: OwnerProfile, access: OwnerAccess)? {
        try await database.read { connection in
            guard let profile = try Self.findProfile(id, connection) else { return nil }
            return (profile, try Self.access(to: profile.owner, by: account, connection))
        }
    }

    /// What is shown of an owner by its number.
    package func profile(id: Int64) async throws -> OwnerProfile? {
        try await database.read { try Self.findProfile(id, $0) }
    }

    /// Users by name, among those that somebody may see; `text` is part of a name, full name or shown address.
    package func users(
        _ visible: VisibleOwners,
        matching text: String = "",
        showsAddresses: Bool = false,
        only id: Int64? = nil,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        let arguments =
            Self.visibility(visible)
            + [.text(Self.pattern(text)), .flag(showsAddresses), .integer(id ?? 0)]
        return try await database.read { connection in
            try connection.listing(
                count: """
                    SELECT COUNT(*) FROM owner_profile
                    WHERE kind = 'user'
                        AND ((visibility = 'public' AND $1 = 1) OR (visibility = 'limited' AND $2 = 1)
                            OR (visibility = 'private' AND $3 = 1) OR id = $4)
                        AND ($5 = '' OR lower_name LIKE $5 ESCAPE '!' OR LOWER(full_name) LIKE $5 ESCAPE '!'
                            OR ($6 = 1 AND is_email_hidden = 0 AND LOWER(email) LIKE $5 ESCAPE '!'))
                        AND (id = $7 OR $7 = 0)
                    """,
                rows: """
                    SELECT * FROM owner_profile
                    WHERE kind = 'user'
                        AND ((visibility = 'public' AND $1 = 1) OR (visibility = 'limited' AND $2 = 1)
                            OR (visibility = 'private' AND $3 = 1) OR id = $4)
                        AND ($5 = '' OR lower_name LIKE $5 ESCAPE '!' OR LOWER(full_name) LIKE $5 ESCAPE '!'
                            OR ($6 = 1 AND is_email_hidden = 0 AND LOWER(email) LIKE $5 ESCAPE '!'))
                        AND (id = $7 OR $7 = 0)
                    ORDER BY lower_name LIMIT $8 OFFSET $9
                    """,
                arguments,
                page
            ) { try Self.profile($0) }
        }
    }

    /// Organizations by name, among those that somebody may see, all or those that an account is a member of.
    package func organizations(
        _ visible: VisibleOwners,
        withMember member: Int64? = nil,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        try await database.read { connection in
            try connection.listing(
                count: """
                    SELECT COUNT(*) FROM owner_profile
                    WHERE kind = 'organization'
                        AND ((visibility = 'public' AND $1 = 1) OR (visibility = 'limited' AND $2 = 1)
                            OR (visibility = 'private' AND $3 = 1)
                            OR id IN (SELECT team.organization_id FROM team
                                JOIN team_member ON team_member.team_id = team.id WHERE team_member.account_id = $4))
                        AND (id IN (SELECT team.organization_id FROM team
                            JOIN team_member ON team_member.team_id = team.id WHERE team_member.account_id = $5)
                            OR $5 = 0)
                    """,
                rows: """
                    SELECT * FROM owner_profile
                    WHERE kind = 'organization'
                        AND ((visibility = 'public' AND $1 = 1) OR (visibility = 'limited' AND $2 = 1)
                            OR (visibility = 'private' AND $3 = 1)
                            OR id IN (SELECT team.organization_id FROM team
                                JOIN team_member ON team_member.team_id = team.id WHERE team_member.account_id = $4))
                        AND (id IN (SELECT team.organization_id FROM team
                            JOIN team_member ON team_member.team_id = team.id WHERE team_member.account_id = $5)
                            OR $5 = 0)
                    ORDER BY lower_name LIMIT $6 OFFSET $7
                    """,
                Self.visibility(visible) + [.integer(member ?? 0)],
                page
            ) { try Self.profile($0) }
        }
    }

    static func profile(_ row: SQLRow) throws -> OwnerProfile {
        guard let profile = try row.profile() else {
            throw SQLError(.unexpectedValue, "an owner without an id: the database was modified manually")
        }
        return profile
    }

    static func findProfile(_ id: Int64, _ connection: any SQLConnection) throws -> OwnerProfile? {
        try connection.first("SELECT * FROM owner_profile WHERE id = $1", [.integer(id)])?.profile()
    }

    /// A pattern of LIKE for texts that contain this one in lower case; empty for all texts.
    static func pattern(_ text: String) -> String {
        guard !text.isEmpty else { return "" }
        let escaped = text.lowercased().map { "!%_".contains($0) ? "!\($0)" : "\($0)" }
        return "%" + escaped.joined() + "%"
    }

    private static func visibility(_ visible: VisibleOwners) -> [SQLValue] {
        [Visibility.public, .limited, .private].map { .flag(visible.visibilities.contains($0)) }
            + [.integer(visible.viewer ?? 0)]
    }
}
