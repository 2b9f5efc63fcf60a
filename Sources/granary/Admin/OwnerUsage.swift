// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryAPI
import RegistryCore
import RegistryMetadata
import RegistryService

/// `granary admin owner usage [OWNER]`.
struct OwnerUsage: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Show the usage and limits of an owner, or of all owners together.",
        discussion: """
            Sizes are in bytes. Unfinished uploads and drafts count as reserved.

            Examples:
              granary admin owner usage acme
              granary admin owner usage --format json
            """
    )

    @Argument(
        help: "The name of the user or the organization (default: all owners together).",
        transform: AdminArgument.owner
    )
    var name: OwnerName?

    @OptionGroup
    var options: AdminOptions

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let settings = context.ownerSettings
        guard let name else { return Self.outcome(try await settings.totalUsage(), of: nil) }
        let owner = try await settings.owner(name)
        return Self.outcome(try await settings.usage(of: owner), of: owner)
    }

    private static func outcome(_ owned: OwnerSettings.OwnerUsage, of owner: Owner?) -> AdminOutcome {
        let usage = owned.usage
        let table = TextTable(
            heading: ["", "USED", "RESERVED", "LIMIT"],
            rows: [
                ["size", "\(usage.size)", "\(usage.reservedSize)", limit(owned.quota.size)],
                [
                    "versions", "\(usage.versionCount)", "\(usage.reservedVersionCount)",
                    limit(owned.quota.versionCount),
                ],
                ["files", "\(usage.fileCount)", "-", "-"],
                ["one file", "-", "-", limit(owned.fileSize)],
            ]
        )
        let limits = LimitsRecord(fileSize: owned.fileSize, owned.quota)
        return AdminOutcome(UsageRecord(usage, of: owner, limits: limits), text: table.text)
    }

    private static func limit(_ value: Int64?) -> String { value.map { "\($0)" } ?? "none" }
}
