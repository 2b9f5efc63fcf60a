// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryMetadata
import RegistryService

/// `granary admin org list`.
struct OrganizationList: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the organizations.",
        discussion: """
            Example:
              granary admin org list --format json
            """
    )

    @OptionGroup
    var options: AdminOptions

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let organizations = try await context.accounts.listOrganizations()
        let table = TextTable(
            heading: ["NAME", "VISIBILITY"],
            rows: organizations.map { [$0.name.text, $0.visibility.rawValue] }
        )
        return AdminOutcome(organizations.map(AdminOrganizationRecord.init), text: table.text)
    }
}
