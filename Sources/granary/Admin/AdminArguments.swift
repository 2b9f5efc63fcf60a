// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import RegistryCore
import RegistryMetadata

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

    /// Reads an e-mail address.
    @Sendable static func email(_ text: String) throws -> EmailAddress { try EmailAddress(text) }
}
