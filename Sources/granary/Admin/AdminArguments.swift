// SPDX-License-Identifier: Apache-2.0

import CommandLine
import RegistryCore
import RegistryMetadata
import RegistryServer

extension Visibility: ExpressibleByArgument {}

extension Permission: ExpressibleByArgument {}

/// Reads names on the command line, so that a broken rule is explained before anything is done.
enum AdminArgument {
    /// Reads the name of a user or an organization.
    @Sendable static func owner(_ text: String) throws -> OwnerName { try OwnerName(text) }

    /// Reads the name of a team.
    @Sendable static func team(_ text: String) throws -> TeamName { try TeamName(text) }

    /// Reads the name of an access token.
    @Sendable static func token(_ text: String) throws -> TokenName { try TokenName(text) }

    /// Reads the limit of a size: `50GiB`, `none`, or `default` for the server's.
    @Sendable static func size(_ text: String) throws -> OwnLimit {
        try limit(text, ByteCount.parse, "a size such as 50GiB")
    }

    /// Reads the limit of a count: `5000`, `none`, or `default` for the server's.
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

    /// Reads an e-mail address.
    @Sendable static func email(_ text: String) throws -> EmailAddress { try EmailAddress(text) }
}
