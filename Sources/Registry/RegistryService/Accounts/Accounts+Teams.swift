// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryMetadata

extension Accounts {
    /// Creates a team whose members have a permission on the organization's packages.
    @discardableResult
    package func createTeam(_ team: NewTeam, in organization: Owner) async throws -> Team {
        switch try await organizations.createTeam(team, in: organization.id) {
        case .created(let team): return team
        case .organizationNotFound: throw Self.noOrganization(organization.name)
        case .nameTaken: throw Self.taken(team.name, in: organization.name)
        }
    }

    /// Updates a team; the team Owners keeps its name and its permission.
    package func updateTeam(_ team: Team, of organization: OwnerName, _ change: TeamChange) async throws -> Team {
        if team.isOwners {
            guard change.name.map({ $0.folded == team.name.folded }) ?? true, change.packages ?? .write == .write else {
                throw RegistryError.stillInUse(
                    "the team Owners always keeps its name and its write permission: change another team"
                )
            }
        }
        let outcome = try await organizations.updateTeam(team.id, change)
        switch outcome {
        case .updated(let team): return team
        case .notFound: throw Self.noTeam(team.name, in: organization)
        case .nameTaken: throw Self.taken(change.name ?? team.name, in: organization)
        }
    }

    /// Deletes a team other than Owners.
    package func deleteTeam(_ team: Team, of organization: OwnerName) async throws {
        guard !team.isOwners else {
            throw RegistryError.stillInUse(
                "the team Owners cannot be deleted: every organization has one; delete the organization instead"
            )
        }
        let isRemoved = try await organizations.removeTeam(team.id)
        guard isRemoved else { throw Self.noTeam(team.name, in: organization) }
    }

    static func noTeam(_ team: TeamName, in organization: OwnerName) -> RegistryError {
        .notFound("the organization \(organization) has no team \(team): create it with granary admin team create")
    }

    private static func taken(_ team: TeamName, in organization: OwnerName) -> RegistryError {
        .alreadyExists("the organization \(organization) already has a team \(team): choose another name")
    }
}
