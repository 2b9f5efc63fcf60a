// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryService

/// `granary admin team add ORG TEAM USER`.
struct TeamAdd: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "add",
        abstract: "Add a user to a team.",
        discussion: """
            Example:
              granary admin team add acme release bob
            """
    )

    @OptionGroup
    var member: TeamMember

    @OptionGroup
    var options: AdminOptions

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let changed = try await member.found(context) { user, team, organization in
            try await context.accounts.addMember(user, to: team, of: organization)
        }
        let text =
            changed
            ? "added \(member.user) to \(member.place)"
            : "\(member.user) is already in \(member.place)"
        return AdminOutcome(member.record(changed: changed), text: text)
    }
}
