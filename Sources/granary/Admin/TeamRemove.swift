// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RegistryCore
import RegistryService

/// `granary admin team remove ORG TEAM USER`.
struct TeamRemove: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Take a user out of a team.",
        discussion: """
            Example:
              granary admin team remove acme release bob
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
        let changed = try await accounts.removeMember(user, from: team, of: organization)
        let record = AdminTeamRecord(
            organization: organization.text,
            team: team.text,
            user: user.text,
            changed: changed
        )
        let text =
            changed
            ? "removed \(user) from team \(team) of \(organization)"
            : "\(user) is not in team \(team) of \(organization)"
        return AdminOutcome(record, text: text)
    }
}
