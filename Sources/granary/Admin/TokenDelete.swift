// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryService

/// `granary admin token delete USER --name N`.
struct TokenDelete: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete an access token. It stops working immediately.",
        discussion: """
            Example:
              granary admin token delete alice --name ci
            """
    )

    @Argument(help: "The name of the user.", transform: AdminArgument.owner)
    var user: OwnerName

    @Option(name: .customLong("name"), help: "The name of the access token.", transform: AdminArgument.token)
    var tokenName: TokenName

    @OptionGroup
    var options: AdminOptions

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        try await context.accounts.deleteToken(tokenName, of: context.accounts.user(user))
        return AdminOutcome(
            AdminDeletionRecord(deleted: tokenName.text),
            text: "deleted access token \(tokenName) of \(user)"
        )
    }
}
