// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryMetadata
import RegistryService

/// `granary admin team create ORG TEAM --packages P`.
struct TeamCreate: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a team of an organization.",
        discussion: """
            Example:
              granary admin team create acme release --packages write
            """
    )

    @Argument(help: "The name of the organization.", transform: AdminArgument.owner)
    var organization: OwnerName

    @Argument(help: "The name of the team.", transform: AdminArgument.team)
    var team: TeamName

    @Option(help: "Grant the members this permission for the organization's packages: none, read or write.")
    var packages: Permission

    @OptionGroup
    var options: AdminOptions

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        try await context.accounts.createTeam(
            NewTeam(name: team, packages: packages),
            in: context.accounts.organization(organization)
        )
        let record = AdminTeamRecord(
            organization: organization.text,
            team: team.text,
            packages: packages.rawValue
        )
        return AdminOutcome(record, text: "created team \(team) of \(organization)")
    }
}
