// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryMetadata
import RegistryService

/// `granary admin token list USER`.
struct TokenList: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the access tokens of a user, without their secrets.",
        discussion: """
            Example:
              granary admin token list alice
            """
    )

    @Argument(help: "The name of the user.", transform: AdminArgument.owner)
    var user: OwnerName

    @OptionGroup
    var options: AdminOptions

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let tokens = try await context.accounts.listTokens(of: context.accounts.user(user))
        let rows = tokens.map { token in
            [
                token.name.text, token.lastEight, token.scopes.names.joined(separator: ","), token.createdAt.iso8601,
                token.expiresAt?.iso8601 ?? "never", token.lastUsedAt?.iso8601 ?? "never",
            ]
        }
        let table = TextTable(
            heading: ["NAME", "ENDS IN", "SCOPES", "CREATED", "EXPIRES", "LAST USED"],
            rows: rows
        )
        return AdminOutcome(tokens.map { AdminTokenRecord($0) }, text: table.text)
    }
}
