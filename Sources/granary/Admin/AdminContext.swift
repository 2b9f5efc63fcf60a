// SPDX-License-Identifier: Apache-2.0

import RegistryServer
import RegistryService

/// The registry that a command works on, and the channel for its output.
struct AdminContext {
    let registry: Registry
    let conversation: AdminConversation

    var accounts: Accounts { registry.accounts }
    var ownerSettings: OwnerSettings { registry.ownerSettings }

    /// The line of standard input that the command requires.
    var input: String? { conversation.request.input }

    /// Prints a line immediately, in text format only; JSON commands print a single document at the end.
    func say(_ line: String, _ format: OutputFormat) async throws {
        if format == .text { try await conversation.say(.output(line + "\n")) }
    }
}
