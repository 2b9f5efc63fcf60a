// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryMetadata
import RegistryService

/// `granary admin org create NAME --owner USER`.
struct OrganizationCreate: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create an organization.",
        discussion: """
            Example:
              granary admin org create acme --owner alice
            """
    )

    @Argument(help: "The name of the organization.", transform: AdminArgument.owner)
    var name: OwnerName

    @Option(help: "The first member of the team Owners, an existing user.", transform: AdminArgument.owner)
    var owner: OwnerName

    @Option(help: "Set the visibility of the organization's packages: public, limited or private.")
    var visibility = Visibility.public

    @OptionGroup
    var options: AdminOptions

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let organization = try await context.accounts.createOrganization(
            name,
            ownedBy: context.accounts.user(owner),
            visibility: visibility
        )
        return AdminOutcome(
            AdminOrganizationRecord(organization),
            text: "created organization \(organization.name)"
        )
    }
}
