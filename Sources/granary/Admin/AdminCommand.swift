// SPDX-License-Identifier: Apache-2.0

import CommandLine

/// `granary admin …`.
struct AdminCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin",
        abstract: "Administer a registry in its data directory.",
        discussion: """
            The commands work directly on the data directory. If a server uses it, that
            server executes the command.

            Example:
              granary admin user create alice --email alice@example.org
            """,
        subcommands: [
            UserCommand.self, OrganizationCommand.self, OwnerCommand.self, TeamCommand.self, TokenCommand.self,
            GarbageCollect.self, Fsck.self, Backup.self, RestoreBackup.self, Export.self, Import.self,
            MigrateStorage.self,
        ]
    )
}

/// `granary admin user …`.
struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user",
        abstract: "Create, list, change and delete users.",
        discussion: """
            Example:
              granary admin user list
            """,
        subcommands: [UserCreate.self, UserList.self, UserUpdate.self, UserDelete.self]
    )
}

/// `granary admin org …`.
struct OrganizationCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "org",
        abstract: "Create, list and delete organizations.",
        discussion: """
            Example:
              granary admin org list
            """,
        subcommands: [OrganizationCreate.self, OrganizationList.self, OrganizationDelete.self]
    )
}

/// `granary admin owner …`.
struct OwnerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "owner",
        abstract: "Set the publish contract and quotas of an owner, and show its usage.",
        discussion: """
            An owner's own contract and limits override the server's settings from the next
            publish on. Versions that are already published do not change.

            Examples:
              granary admin owner set-contract acme current
              granary admin owner set-limits acme --total-size 100GiB --versions 5000
              granary admin owner usage acme
            """,
        subcommands: [OwnerSetContract.self, OwnerSetLimits.self, OwnerUsage.self]
    )
}

/// `granary admin team …`.
struct TeamCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "team",
        abstract: "Create the teams of an organization and manage their members.",
        discussion: """
            Members of the team Owners have full access to their organization.

            Example:
              granary admin team add acme Owners alice
            """,
        subcommands: [TeamCreate.self, TeamAdd.self, TeamRemove.self]
    )
}

/// `granary admin token …`.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Create, list and delete access tokens.",
        discussion: """
            Example:
              granary admin token list alice
            """,
        subcommands: [TokenCreate.self, TokenList.self, TokenDelete.self]
    )
}
