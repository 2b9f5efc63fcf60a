// SPDX-License-Identifier: Apache-2.0

import RegistryServer
import RegistryService

/// What a command works on, and whom it tells.
struct AdminContext {
    let registry: Registry
    let conversation: AdminConversation

    var accounts: Accounts { registry.accounts }
    var ownerSettings: OwnerSettings { registry.ownerSettings }

    /// The line of standard input that the command asked for.
    var input: String? { conversation.request.input }

    /// Prints a line at once; commands that give one JSON document at their end do without it.
    func say(_ line: String, _ format: OutputFormat) async throws {
        if format == .text { try await conversation.say(.output(line + "\n")) }
    }
}
