// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryClient
import RegistryCore
import RegistryService

/// Parses the arguments of maintenance commands, and formats their counts.
enum MaintenanceArgument {
    static let graceHelp =
        "The minimum age of orphaned content, for example 1h (default: \(Int(RemoveOrphans.grace / .seconds(3600)))h)."

    /// Parses a time such as `24h`.
    @Sendable static func grace(_ text: String) throws -> Duration {
        if text == "0" || text == "0s" { return .zero }
        guard let duration = TimeSpan.parse(text) else {
            throw ValidationError("invalid time \(text): write for example 24h, 30m or 0s")
        }
        return duration
    }

    /// Returns a count with its noun.
    static func count(_ number: Int, _ word: String) -> String {
        "\(number) \(word)\(number == 1 ? "" : "s")"
    }
}
