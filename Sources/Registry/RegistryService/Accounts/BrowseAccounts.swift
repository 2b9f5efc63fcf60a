// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// Shows users, organizations, teams and members, as far as the actor may see them.
package struct BrowseAccounts: Sendable {
    private let accounts: AccountStore
    private let organizations: OrganizationStore

    package init(metadata: Metadata) {
        accounts = metadata.accounts
        organizations = metadata.organizations
    }

    /// Returns an owner and what access to it depends on; nil if the owner does not exist.
    ///
    /// A former name resolves to the owner under its current name.
    package func profile(
        _ name: OwnerName,
        seenBy actor: Actor
    ) async throws -> (profile: OwnerProfile, access: OwnerAccess)? {
        try await accounts.profile(name, seenBy: actor.account)
    }

    /// Returns the same for an owner that was looked up before, even if it was renamed since.
    package func profile(
        of owner: Int64,
        seenBy actor: Actor
    ) async throws -> (profile: OwnerProfile, access: OwnerAccess)? {
        try await accounts.profile(id: owner, seenBy: actor.account)
    }

    /// Returns the profile of a signed-in account.
    package func profile(of account: Account) async throws -> OwnerProfile {
        guard let profile = try await accounts.profile(id: account.id) else {
            throw RegistryError.unauthenticated("the account \(account.name) was deleted: sign in with another account")
        }
        return profile
    }

    /// Returns users whose name, full name or visible address contains a text.
    package func users(
        matching text: String,
        only id: Int64?,
        seenBy actor: Actor,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        try await accounts.users(
            .users(seenBy: actor),
            matching: text,
            showsAddresses: actor.account != nil,
            only: id,
            page: page
        )
    }

    /// Returns all organizations that an actor may see.
    package func organizations(seenBy actor: Actor, page: ListPage) async throws -> Listing<OwnerProfile> {
        try await organizations.organizations(.organizations(seenBy: actor), page: page)
    }

    /// Returns the organizations of a user.
    ///
    /// The user and administrators see all that are visible to them; other actors see only those whose members they
    /// know.
    package func organizations(
        of user: Account,
        seenBy actor: Actor,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        guard let viewer = actor.account, viewer.id == user.id || viewer.isAdministrator else {
            return try await organizations.organizations(.memberships(of: actor), withMember: user.id, page: page)
        }
        return try await organizations.organizations(.organizations(seenBy: actor), withMember: user.id, page: page)
    }

    /// Returns the members of an organization; only its members and administrators see any.
    package func members(
        of organization: Owner,
        _ access: OwnerAccess,
        seenBy actor: Actor,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        guard Self.knowsMembers(access, actor) else { return Listing(rows: [], total: 0) }
        return try await organizations.members(
            ofOrganization: organization.id,
            onlyPublic: actor.isForPublicOwnersOnly,
            page: page
        )
    }

    /// Returns a member of an organization; nil if the user is not one, or if the actor may not know it.
    package func member(
        _ user: OwnerName,
        of organization: Owner,
        _ access: OwnerAccess,
        seenBy actor: Actor
    ) async throws -> OwnerProfile? {
        guard Self.knowsMembers(access, actor) else { return nil }
        return Self.visible(try await organizations.member(user, ofOrganization: organization.id), to: actor)
    }

    /// Returns an organization's teams; actors other than its owners see only their own teams.
    package func teams(
        of organization: Owner,
        _ access: OwnerAccess,
        matching text: String,
        seenBy actor: Actor,
        page: ListPage
    ) async throws -> Listing<Team> {
        guard let account = actor.account else { return Listing(rows: [], total: 0) }
        let member = AccessPolicy.isOwner(account, of: access) ? nil : account.id
        return try await organizations.teams(of: organization.id, withMember: member, matching: text, page: page)
    }

    /// Returns the actor's own teams in organizations that it may see.
    package func teams(
        seenBy actor: Actor,
        page: ListPage
    ) async throws -> Listing<TeamOfOrganization> {
        guard let account = actor.account else { return Listing(rows: [], total: 0) }
        return try await organizations.teams(
            withMember: account.id,
            onlyOfPublic: actor.isForPublicOwnersOnly,
            page: page
        )
    }

    /// Returns a team by its number, with the actor's role in its organization.
    package func team(_ id: Int64, seenBy actor: Actor) async throws -> SeenTeam? {
        try await organizations.team(id, seenBy: actor.account)
    }

    /// Returns the members of a team that an actor may see.
    package func members(of team: Team, seenBy actor: Actor, page: ListPage) async throws -> Listing<OwnerProfile> {
        try await organizations.members(ofTeam: team.id, onlyPublic: actor.isForPublicOwnersOnly, page: page)
    }

    /// Returns a member of a team; nil if the user is not one, or if the actor may not see it.
    package func member(_ user: OwnerName, of team: Team, seenBy actor: Actor) async throws -> OwnerProfile? {
        Self.visible(try await organizations.member(user, ofTeam: team.id), to: actor)
    }

    /// Returns the member if the actor may see it.
    ///
    /// Members see each other whatever their visibility, except with a token that is limited to public owners.
    private static func visible(_ member: OwnerProfile?, to actor: Actor) -> OwnerProfile? {
        member?.owner.visibility == .public || !actor.isForPublicOwnersOnly ? member : nil
    }

    private static func knowsMembers(_ access: OwnerAccess, _ actor: Actor) -> Bool {
        access.membership != nil || actor.account?.isAdministrator == true
    }
}
