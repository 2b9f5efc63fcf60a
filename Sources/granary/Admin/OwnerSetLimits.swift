// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryMetadata
import RegistryService

/// `granary admin owner set-limits OWNER …`.
struct OwnerSetLimits: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-limits",
        abstract: "Set the limits of an owner.",
        discussion: """
            Each limit is a number, none, or default for the value of the server's settings.
            A limit below the current usage removes nothing.

            Examples:
              granary admin owner set-limits acme --total-size 100GiB --versions 5000
              granary admin owner set-limits acme --file-size none --total-size default
            """
    )

    @Argument(help: "The name of the user or the organization.", transform: AdminArgument.owner)
    var name: OwnerName

    @Option(
        help: ArgumentHelp("The maximum file size, for example 50GiB.", valueName: "size"),
        transform: AdminArgument.size
    )
    var fileSize: OwnLimit?

    @Option(
        help: ArgumentHelp("The storage quota, for example 100GiB; identical content counts once.", valueName: "size"),
        transform: AdminArgument.size
    )
    var totalSize: OwnLimit?

    @Option(
        help: ArgumentHelp("The maximum number of versions.", valueName: "number"),
        transform: AdminArgument.count
    )
    var versions: OwnLimit?

    @OptionGroup
    var options: AdminOptions

    private var change: OwnerSettingsChange {
        var change = OwnerSettingsChange()
        change.fileSize = fileSize
        change.totalSize = totalSize
        change.versionCount = versions
        return change
    }

    func validate() throws {
        if !change.changesLimits { throw ValidationError("nothing to change: give at least one limit, see --help") }
    }

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        let owner = try await context.change(name, change)
        return AdminOutcome(owner, text: "set the limits of owner \(owner.name)")
    }
}
