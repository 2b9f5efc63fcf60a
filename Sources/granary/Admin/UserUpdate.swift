// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryMetadata
import RegistryService

/// `granary admin user update NAME`.
struct UserUpdate: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change a user.",
        discussion: """
            Example:
              granary admin user update alice --inactive
            """
    )

    @Argument(help: "The name of the user.", transform: AdminArgument.owner)
    var name: OwnerName

    @Flag(inversion: .prefixedNo, help: "Grant or revoke registry administrator rights.")
    var admin: Bool?

    @Flag(help: "Activate or deactivate the user.")
    var activity: Activity?

    @Flag(help: "Allow or prohibit sign-in.")
    var login: Login?

    @Flag(
        inversion: .prefixedNo,
        help: "Restrict the user to organizations it is a member of, or lift the restriction."
    )
    var restricted: Bool?

    @Option(help: "Set the visibility of the user's packages: public, limited or private.")
    var visibility: Visibility?

    @OptionGroup
    var password: PasswordOptions

    @OptionGroup
    var options: AdminOptions

    /// Whether the user may use the registry.
    enum Activity: String, EnumerableFlag {
        case active, inactive
    }

    /// Whether the user may sign in.
    enum Login: String, EnumerableFlag {
        case loginAllowed, loginProhibited
    }

    func validate() throws {
        let isEmpty =
            admin == nil && activity == nil && login == nil && restricted == nil && visibility == nil
            && !password.passwordStdin
        if isEmpty { throw ValidationError("nothing to change: give at least one option, see --help") }
    }

    func readInput() throws -> String? {
        try password.read()
    }

    private var change: UserChange {
        var change = UserChange()
        change.isAdministrator = admin
        change.isActive = activity.map { $0 == .active }
        change.isLoginProhibited = login.map { $0 == .loginProhibited }
        change.isRestricted = restricted
        change.visibility = visibility
        return change
    }

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let user = try await context.accounts.updateUser(
            context.accounts.user(name),
            change,
            password: context.input
        )
        return AdminOutcome(AdminUserRecord(user), text: "updated user \(user.account.name)")
    }
}
