// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryMetadata

/// Teams for the management interface, found by their IDs.
extension Authorize {
    /// Returns a team that the caller is a member of, or whose organization the caller owns.
    package func toSeeTeam(_ id: Int64?, by caller: Caller) async throws -> SeenTeam {
        var found: SeenTeam?
        if let id { found = try await organizations.team(id, seenBy: caller.account) }
        guard let seen = found, seen.access.membership != nil || caller.account?.isAdministrator == true else {
            throw RegistryError.notFound("the team does not exist or is not visible to you: check its ID")
        }
        if case .forbidden(let reason) = AccessPolicy.decisionToSee(seen.access, by: caller) {
            throw RegistryError.forbidden(reason.description)
        }
        guard seen.isMember || caller.account.map({ AccessPolicy.isOwner($0, of: seen.access) }) == true else {
            throw RegistryError.forbidden(
                "only its members and the owners of \(seen.organization.owner.name) may see this team: ask one of them"
            )
        }
        return seen
    }

    /// Returns a team whose organization the caller owns.
    package func toManageTeam(_ id: Int64?, by caller: Caller) async throws -> SeenTeam {
        let seen = try await toSeeTeam(id, by: caller)
        guard let account = caller.account, AccessPolicy.isOwner(account, of: seen.access) else {
            throw RegistryError.forbidden(ForbiddenReason.notOwner.description)
        }
        return seen
    }
}
