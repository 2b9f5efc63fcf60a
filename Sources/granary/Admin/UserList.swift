// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryMetadata
import RegistryService

/// `granary admin user list`.
struct UserList: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the users.",
        discussion: """
            Example:
              granary admin user list --format json
            """
    )

    @OptionGroup
    var options: AdminOptions

    private static func state(of account: Account) -> String {
        let words = [
            account.isAdministrator ? "admin" : nil,
            account.isActive ? nil : "inactive",
            account.isLoginProhibited ? "login-prohibited" : nil,
            account.isRestricted ? "restricted" : nil,
        ].compactMap(\.self)
        return words.isEmpty ? "-" : words.joined(separator: ",")
    }

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let users = try await context.accounts.listUsers()
        let rows = users.map { user in
            [user.account.name.text, user.email.text, user.visibility.rawValue, Self.state(of: user.account)]
        }
        let table = TextTable(heading: ["NAME", "EMAIL", "VISIBILITY", "STATE"], rows: rows)
        return AdminOutcome(users.map { AdminUserRecord($0) }, text: table.text)
    }
}
