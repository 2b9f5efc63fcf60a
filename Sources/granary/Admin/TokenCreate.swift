// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryService

/// `granary admin token create USER --name N --scope S`.
struct TokenCreate: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Create an access token and print it. It is not shown again.",
        discussion: """
            Example:
              granary admin token create alice --name ci --scope write:package --expires 90d
            """
    )

    @Argument(help: "The name of the user.", transform: AdminArgument.owner)
    var user: OwnerName

    @Option(name: .customLong("name"), help: "The name of the access token.", transform: AdminArgument.token)
    var tokenName: TokenName

    @Option(
        name: .customLong("scope"),
        help: ArgumentHelp(
            "Grant this scope: read:package, write:package or all; can be repeated.",
            valueName: "scope"
        )
    )
    var scopes: [String]

    @Option(
        help: ArgumentHelp("The lifetime, such as 30d, 12h, 90m or 30s (default: unlimited).", valueName: "time")
    )
    var expires: String?

    @OptionGroup
    var options: AdminOptions

    func validate() throws {
        do {
            _ = try ScopeSet(parsing: scopes)
            _ = try expires.map { try Lifetime($0) }
        } catch let error as RegistryError {
            throw ValidationError(error.message)
        } catch let error as InvalidScope {
            throw ValidationError(error.description)
        }
    }

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let created = try await context.accounts.createToken(
            tokenName,
            for: context.accounts.user(user),
            scopes: try ScopeSet(parsing: scopes),
            lifetime: try expires.map { try Lifetime($0) }
        )
        return AdminOutcome(
            AdminTokenRecord(created.token, secret: created.secret.text),
            text: created.secret.text
        )
    }
}
