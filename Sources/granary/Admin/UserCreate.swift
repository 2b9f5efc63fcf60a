// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryMetadata
import RegistryService

/// `granary admin user create NAME --email E`.
struct UserCreate: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create a user. Without a password, generate and print one.",
        discussion: """
            Example:
              granary admin user create alice --email alice@example.org
            """
    )

    @Argument(help: "The name of the user.", transform: AdminArgument.owner)
    var name: OwnerName

    @Option(help: "The e-mail address of the user.", transform: AdminArgument.email)
    var email: EmailAddress

    @Flag(help: "Grant registry administrator rights.")
    var admin = false

    @Option(help: "Set the visibility of the user's packages: public, limited or private.")
    var visibility = Visibility.public

    @OptionGroup
    var password: PasswordOptions

    @OptionGroup
    var options: AdminOptions

    func readInput() throws -> String? {
        try password.read()
    }

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let generated = context.input == nil ? Password.random() : nil
        let user = try await context.accounts.createUser(
            name,
            email: email,
            password: context.input ?? generated ?? "",
            isAdministrator: admin,
            visibility: visibility
        )
        let passwordLine = generated.map { "\npassword: \($0)" } ?? ""
        return AdminOutcome(
            AdminUserRecord(user, password: generated),
            text: "created user \(user.account.name)" + passwordLine
        )
    }
}
