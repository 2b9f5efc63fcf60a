// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RegistryCore
import RegistryService

/// `granary admin team add ORG TEAM USER`.
struct TeamAdd: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Make a user a member of a team.",
        discussion: """
            Example:
              granary admin team add acme release bob
            """
    )

    @Argument(help: "The name of the organization.", transform: AdminArgument.owner)
    var organization: OwnerName

    @Argument(help: "The name of the team.", transform: AdminArgument.team)
    var team: TeamName

    @Argument(help: "The name of the user.", transform: AdminArgument.owner)
    var user: OwnerName

    @OptionGroup
    var options: AdminOptions

    func execute(on accounts: Accounts, input: String?) async throws -> AdminOutcome {
        let changed = try await accounts.addMember(user, to: team, of: organization)
        let record = AdminTeamRecord(
            organization: organization.text,
            team: team.text,
            user: user.text,
            changed: changed
        )
        let text =
            changed
            ? "added \(user) to team \(team) of \(organization)"
            : "\(user) is in team \(team) of \(organization) already"
        return AdminOutcome(record, text: text)
    }
}
