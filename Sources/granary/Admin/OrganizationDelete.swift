// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryService

/// `granary admin org delete NAME`.
struct OrganizationDelete: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete an organization that has no packages, and its teams.",
        discussion: """
            Example:
              granary admin org delete acme
            """
    )

    @Argument(help: "The name of the organization.", transform: AdminArgument.owner)
    var name: OwnerName

    @OptionGroup
    var options: AdminOptions

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        try await context.accounts.deleteOrganization(context.accounts.organization(name))
        return AdminOutcome(AdminDeletionRecord(deleted: name.text), text: "deleted organization \(name)")
    }
}
