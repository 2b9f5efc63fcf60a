// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryMetadata
import RegistryService

/// The arguments `ORG TEAM USER`.
struct TeamMember: ParsableArguments {
    @Argument(help: "The name of the organization.", transform: AdminArgument.owner)
    var organization: OwnerName

    @Argument(help: "The name of the team.", transform: AdminArgument.team)
    var team: TeamName

    @Argument(help: "The name of the user.", transform: AdminArgument.owner)
    var user: OwnerName

    /// The team as named in messages.
    var place: String { "team \(team) of \(organization)" }

    /// Looks up the user and the team, and calls a closure with them.
    func found(
        _ context: AdminContext,
        _ change: (Account, Team, Owner) async throws -> Bool
    ) async throws -> Bool {
        let organization = try await context.accounts.organization(organization)
        let team = try await context.accounts.team(team, of: organization)
        return try await change(try await context.accounts.user(user), team, organization)
    }

    /// Creates the record of a changed or unchanged membership.
    func record(changed: Bool) -> AdminTeamRecord {
        AdminTeamRecord(organization: organization.text, team: team.text, user: user.text, changed: changed)
    }
}
