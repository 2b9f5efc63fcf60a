// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// Shows users, organizations, teams and their members, to each actor what it may see.
package struct BrowseAccounts: Sendable {
    private let metadata: MetadataStore

    package init(metadata: MetadataStore) {
        self.metadata = metadata
    }

    /// An owner, and what access to it depends on; nil when there is none.
    ///
    /// A former name leads to the owner with its present one.
    package func profile(
        _ name: OwnerName,
        seenBy actor: Actor
    ) async throws -> (profile: OwnerProfile, access: OwnerAccess)? {
        try await metadata.profile(name, seenBy: actor.account)
    }

    /// The same of an owner that was found before, whatever its name is now.
    package func profile(
        of owner: Int64,
        seenBy actor: Actor
    ) async throws -> (profile: OwnerProfile, access: OwnerAccess)? {
        try await metadata.profile(id: owner, seenBy: actor.account)
    }

    /// The profile of an account that has signed in.
    package func profile(of account: Account) async throws -> OwnerProfile {
        guard let profile = try await metadata.profile(id: account.id) else {
            throw RegistryError.unauthenticated("the account \(account.name) was deleted: sign in with another account")
        }
        return profile
    }

    /// Users whose name, full name or shown address contains a text.
    package func users(
        matching text: String,
        only id: Int64?,
        seenBy actor: Actor,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        try await metadata.users(
            .users(seenBy: actor),
            matching: text,
            showsAddresses: actor.account != nil,
            only: id,
            page: page
        )
    }

    /// All organizations that an actor sees.
    package func organizations(seenBy actor: Actor, page: ListPage) async throws -> Listing<OwnerProfile> {
        try await metadata.organizations(.organizations(seenBy: actor), page: page)
    }

    /// The organizations of a user: its own for itself and administrators, else those of which the actor knows the members.
    package func organizations(
        of user: Account,
        seenBy actor: Actor,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        guard let viewer = actor.account, viewer.id == user.id || viewer.isAdministrator else {
            return try await metadata.organizations(.memberships(of: actor), withMember: user.id, page: page)
        }
        return try await metadata.organizations(.organizations(seenBy: actor), withMember: user.id, page: page)
    }

    /// The members of an organization; whoever is no member gets to know none.
    package func members(
        of organization: Owner,
        _ access: OwnerAccess,
        seenBy actor: Actor,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        guard Self.knowsMembers(access, actor) else { return Listing(rows: [], total: 0) }
        return try await metadata.members(
            ofOrganization: organization.id,
            onlyPublic: actor.isForPublicOwnersOnly,
            page: page
        )
    }

    /// A member of an organization, as far as an actor may know it; nil for a user who is none.
    package func member(
        _ user: OwnerName,
        of organization: Owner,
        _ access: OwnerAccess,
        seenBy actor: Actor
    ) async throws -> OwnerProfile? {
        guard Self.knowsMembers(access, actor) else { return nil }
        return Self.visible(try await metadata.member(user, ofOrganization: organization.id), to: actor)
    }

    /// The teams of an organization that an actor may see: all for its owners, else the actor's own.
    package func teams(
        of organization: Owner,
        _ access: OwnerAccess,
        matching text: String,
        seenBy actor: Actor,
        page: ListPage
    ) async throws -> Listing<Team> {
        guard let account = actor.account else { return Listing(rows: [], total: 0) }
        let member = AccessPolicy.isOwner(account, of: access) ? nil : account.id
        return try await metadata.teams(of: organization.id, withMember: member, matching: text, page: page)
    }

    /// The teams that an actor is a member of, of organizations that it may see.
    package func teams(
        seenBy actor: Actor,
        page: ListPage
    ) async throws -> Listing<(team: Team, organization: OwnerProfile)> {
        guard let account = actor.account else { return Listing(rows: [], total: 0) }
        return try await metadata.teams(
            withMember: account.id,
            onlyOfPublic: actor.isForPublicOwnersOnly,
            page: page
        )
    }

    /// A team by its number, with the place of an actor in its organization.
    package func team(_ id: Int64, seenBy actor: Actor) async throws -> SeenTeam? {
        try await metadata.team(id, seenBy: actor.account)
    }

    /// The members of a team whom an actor may see.
    package func members(of team: Team, seenBy actor: Actor, page: ListPage) async throws -> Listing<OwnerProfile> {
        try await metadata.members(ofTeam: team.id, onlyPublic: actor.isForPublicOwnersOnly, page: page)
    }

    /// A member of a team whom an actor may see; nil when it is none.
    package func member(_ user: OwnerName, of team: Team, seenBy actor: Actor) async throws -> OwnerProfile? {
        Self.visible(try await metadata.member(user, ofTeam: team.id), to: actor)
    }

    /// Members know each other whatever their visibility, but not by a token for public owners only.
    private static func visible(_ member: OwnerProfile?, to actor: Actor) -> OwnerProfile? {
        member?.owner.visibility == .public || !actor.isForPublicOwnersOnly ? member : nil
    }

    private static func knowsMembers(_ access: OwnerAccess, _ actor: Actor) -> Bool {
        access.membership != nil || actor.account?.isAdministrator == true
    }
}
