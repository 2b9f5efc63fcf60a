// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryMetadata
import RegistryService

/// `granary admin owner set-contract OWNER CONTRACT`.
struct OwnerSetContract: AdministrativeCommand {
    static let configuration = CommandConfiguration(
        commandName: "set-contract",
        abstract: "Set the publish contract of an owner.",
        discussion: """
            documented: a version follows SemVer, is published atomically and never changes.
            current: a version name is free-form, and files can be added one at a time.
            default: the server's setting contract applies.

            Example:
              granary admin owner set-contract acme current
            """
    )

    @Argument(help: "The name of the user or the organization.", transform: AdminArgument.owner)
    var name: OwnerName

    @Argument(help: "The contract: documented, current or default.")
    var contract: Choice

    @OptionGroup
    var options: AdminOptions

    /// The contracts, and `default` for none of the owner's own.
    enum Choice: String, CaseIterable, ExpressibleByArgument {
        case documented, current
        case standard = "default"
    }

    func execute(in context: AdminContext) async throws -> AdminOutcome {
        var change = OwnerSettingsChange()
        change.contract = .some(PublishContract.Name(rawValue: contract.rawValue))
        let owner = try await context.change(name, change)
        let text =
            contract == .standard
            ? "owner \(owner.name) now follows the contract of the server's settings"
            : "owner \(owner.name) now follows the \(contract.rawValue) contract"
        return AdminOutcome(owner, text: text)
    }
}

extension AdminContext {
    /// Changes an owner's settings, and returns those now in force.
    func change(_ name: OwnerName, _ change: OwnerSettingsChange) async throws -> AdminOwnerRecord {
        try await ownerSettings.change(try await ownerSettings.owner(name), change)
        let owner = try await ownerSettings.owner(name)
        return AdminOwnerRecord(owner, try await ownerSettings.limits(of: owner))
    }
}
