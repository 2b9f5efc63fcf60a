// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata

@testable import RegistryService

/// The use cases on whoever has a name, as administrators' commands use them.
extension Accounts {
    @discardableResult
    func updateUser(_ name: OwnerName, _ change: UserChange, password: String? = nil) async throws -> User {
        try await updateUser(user(name), change, password: password)
    }

    func deleteUser(_ name: OwnerName) async throws {
        try await deleteUser(user(name))
    }

    @discardableResult
    func createOrganization(
        _ name: OwnerName,
        ownedBy user: OwnerName,
        visibility: Visibility = .public
    ) async throws -> Owner {
        try await createOrganization(name, ownedBy: self.user(user), visibility: visibility)
    }

    func deleteOrganization(_ name: OwnerName) async throws {
        try await deleteOrganization(organization(name))
    }

    @discardableResult
    func createTeam(_ team: NewTeam, in name: OwnerName) async throws -> Team {
        try await createTeam(team, in: organization(name))
    }

    @discardableResult
    func addMember(_ user: OwnerName, to team: TeamName, of name: OwnerName) async throws -> Bool {
        let organization = try await organization(name)
        return try await addMember(self.user(user), to: self.team(team, of: organization), of: organization)
    }

    @discardableResult
    func removeMember(_ user: OwnerName, from team: TeamName, of name: OwnerName) async throws -> Bool {
        let organization = try await organization(name)
        return try await removeMember(self.user(user), from: self.team(team, of: organization), of: organization)
    }

    func rename(_ name: OwnerName, _ kind: Owner.Kind, to new: OwnerName) async throws {
        guard let owner = try await accounts.owner(name, seenBy: nil)?.owner, owner.kind == kind else {
            throw RegistryError.notFound("there is no \(kind) \(name)")
        }
        try await rename(owner, to: new)
    }

    func listTokens(of user: OwnerName) async throws -> [AccessToken] {
        try await listTokens(of: self.user(user))
    }

    func deleteToken(_ name: TokenName, of user: OwnerName) async throws {
        try await deleteToken(name, of: self.user(user))
    }

    func createToken(_ name: TokenName, for user: OwnerName, scopes: ScopeSet) async throws -> CreatedToken {
        try await createToken(name, for: self.user(user), scopes: scopes)
    }
}
