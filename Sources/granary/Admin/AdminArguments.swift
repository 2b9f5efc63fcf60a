// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryMetadata
import RegistryServer

extension Visibility: ExpressibleByArgument {}

extension Permission: ExpressibleByArgument {}

/// Parses the names on the command line, so that an invalid name is rejected before the command does anything.
enum AdminArgument {
    /// Parses the name of a user or an organization.
    @Sendable static func owner(_ text: String) throws -> OwnerName { try OwnerName(text) }

    /// Parses the name of a team.
    @Sendable static func team(_ text: String) throws -> TeamName { try TeamName(text) }

    /// Parses the name of an access token.
    @Sendable static func token(_ text: String) throws -> TokenName { try TokenName(text) }

    /// Parses a size limit: `50GiB`, `none`, or `default` for the server's.
    @Sendable static func size(_ text: String) throws -> OwnLimit {
        try limit(text, ByteCount.parse, "a size such as 50GiB")
    }

    /// Parses a count limit: `5000`, `none`, or `default` for the server's.
    @Sendable static func count(_ text: String) throws -> OwnLimit {
        try limit(text, { Int64($0) }, "a number such as 5000")
    }

    private static func limit(_ text: String, _ parse: (String) -> Int64?, _ rule: String) throws -> OwnLimit {
        switch text {
        case "default": return .standard
        case "none": return .unlimited
        default:
            guard let number = parse(text), number >= 0 else {
                throw ValidationError("\(text) is not a limit: write \(rule), none or default")
            }
            return .at(number)
        }
    }

    /// Parses an e-mail address.
    @Sendable static func email(_ text: String) throws -> EmailAddress { try EmailAddress(text) }
}
