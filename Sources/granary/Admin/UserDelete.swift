// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryService

/// `granary admin user delete NAME`.
struct UserDelete: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a user without packages, and the user's access tokens.",
        discussion: """
            Example:
              granary admin user delete alice
            """
    )

    @Argument(help: "The name of the user.", transform: AdminArgument.owner)
    var name: OwnerName

    @OptionGroup
    var options: AdminOptions

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        try await context.accounts.deleteUser(context.accounts.user(name))
        return AdminOutcome(AdminDeletionRecord(deleted: name.text), text: "deleted user \(name)")
    }
}
