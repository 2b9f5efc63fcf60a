// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// Shows users, organizations, teams and members, as far as the caller may see them.
package struct BrowseAccounts: Sendable {
    private let accounts: AccountStore
    private let organizations: OrganizationStore

    package init(metadata: Metadata) {
        accounts = metadata.accounts
        organizations = metadata.organizations
    }

    /// Returns the profile of a signed-in account.
    package func profile(of account: Account) async throws -> OwnerProfile {
        guard let profile = try await accounts.profile(id: account.id) else {
            throw RegistryError.unauthenticated("the account \(account.name) was deleted: sign in with another account")
        }
        return profile
    }

    /// Returns the profile of an organization that was just created.
    package func profile(of organization: Owner) async throws -> OwnerProfile {
        guard let profile = try await accounts.profile(id: organization.id) else {
            throw RegistryError.noOwner(organization.name)
        }
        return profile
    }

    /// Returns users whose name, full name or visible address contains a text.
    package func users(
        matching text: String,
        only id: Int64?,
        seenBy caller: Caller,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        try await accounts.users(
            .users(seenBy: caller),
            matching: text,
            showsAddresses: caller.account != nil,
            only: id,
            page: page
        )
    }

    /// Returns all organizations that a caller may see.
    package func organizations(seenBy caller: Caller, page: ListPage) async throws -> Listing<OwnerProfile> {
        try await organizations.organizations(.organizations(seenBy: caller), page: page)
    }

    /// Returns the organizations of a user.
    ///
    /// The user and administrators see all that are visible to them; other callers see only those whose members they
    /// know.
    package func organizations(
        of user: Account,
        seenBy caller: Caller,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        guard let viewer = caller.account, viewer.id == user.id || viewer.isAdministrator else {
            return try await organizations.organizations(.memberships(of: caller), withMember: user.id, page: page)
        }
        return try await organizations.organizations(.organizations(seenBy: caller), withMember: user.id, page: page)
    }

    /// Returns the members of an organization; only its members and administrators see any.
    package func members(
        of organization: Owner,
        _ access: OwnerAccess,
        seenBy caller: Caller,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        guard Self.knowsMembers(access, caller) else { return Listing(rows: [], total: 0) }
        return try await organizations.members(
            ofOrganization: organization.id,
            onlyPublic: caller.isForPublicOwnersOnly,
            page: page
        )
    }

    /// Returns a member of an organization; nil if the user is not one, or if the caller may not know it.
    package func member(
        _ user: OwnerName,
        of organization: Owner,
        _ access: OwnerAccess,
        seenBy caller: Caller
    ) async throws -> OwnerProfile? {
        guard Self.knowsMembers(access, caller) else { return nil }
        return Self.visible(try await organizations.member(user, ofOrganization: organization.id), to: caller)
    }

    /// Returns an organization's teams; callers other than its owners see only their own teams.
    package func teams(
        of organization: Owner,
        _ access: OwnerAccess,
        matching text: String,
        seenBy caller: Caller,
        page: ListPage
    ) async throws -> Listing<Team> {
        guard let account = caller.account else { return Listing(rows: [], total: 0) }
        let member = AccessPolicy.isOwner(account, of: access) ? nil : account.id
        return try await organizations.teams(of: organization.id, withMember: member, matching: text, page: page)
    }

    /// Returns the caller's own teams in organizations that it may see.
    package func teams(
        seenBy caller: Caller,
        page: ListPage
    ) async throws -> Listing<TeamOfOrganization> {
        guard let account = caller.account else { return Listing(rows: [], total: 0) }
        return try await organizations.teams(
            withMember: account.id,
            onlyOfPublic: caller.isForPublicOwnersOnly,
            page: page
        )
    }

    /// Returns the members of a team that a caller may see.
    package func members(of team: Team, seenBy caller: Caller, page: ListPage) async throws -> Listing<OwnerProfile> {
        try await organizations.members(ofTeam: team.id, onlyPublic: caller.isForPublicOwnersOnly, page: page)
    }

    /// Returns a member of a team; nil if the user is not one, or if the caller may not see it.
    package func member(_ user: OwnerName, of team: Team, seenBy caller: Caller) async throws -> OwnerProfile? {
        Self.visible(try await organizations.member(user, ofTeam: team.id), to: caller)
    }

    /// Returns the member if the caller may see it.
    ///
    /// Members see each other whatever their visibility, except with a token that is limited to public owners.
    private static func visible(_ member: OwnerProfile?, to caller: Caller) -> OwnerProfile? {
        member?.owner.visibility == .public || !caller.isForPublicOwnersOnly ? member : nil
    }

    private static func knowsMembers(_ access: OwnerAccess, _ caller: Caller) -> Bool {
        access.membership != nil || caller.account?.isAdministrator == true
    }
}
