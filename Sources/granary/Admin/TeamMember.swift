// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore

/// The arguments `ORG TEAM USER`.
struct TeamMember: ParsableArguments {
    @Argument(help: "The name of the organization.", transform: AdminArgument.owner)
    var organization: OwnerName

    @Argument(help: "The name of the team.", transform: AdminArgument.team)
    var team: TeamName

    @Argument(help: "The name of the user.", transform: AdminArgument.owner)
    var user: OwnerName

    /// The team as a message names it.
    var place: String { "team \(team) of \(organization)" }

    /// What became of the membership.
    func record(changed: Bool) -> AdminTeamRecord {
        AdminTeamRecord(organization: organization.text, team: team.text, user: user.text, changed: changed)
    }
}
