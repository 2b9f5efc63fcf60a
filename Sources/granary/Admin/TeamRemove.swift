// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryService

/// `granary admin team remove ORG TEAM USER`.
struct TeamRemove: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Remove a user from a team.",
        discussion: """
            Example:
              granary admin team remove acme release bob
            """
    )

    @OptionGroup
    var member: TeamMember

    @OptionGroup
    var options: AdminOptions

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let changed = try await member.found(context) { user, team, organization in
            try await context.accounts.removeMember(user, from: team, of: organization)
        }
        let text =
            changed
            ? "removed \(member.user) from \(member.place)"
            : "\(member.user) is not in \(member.place)"
        return AdminOutcome(member.record(changed: changed), text: text)
    }
}
