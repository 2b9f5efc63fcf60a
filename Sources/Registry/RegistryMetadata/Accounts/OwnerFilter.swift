// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

/// The owners that a caller may see in a list, as a condition: `AccessPolicy` for many owners at once.
struct OwnerFilter {
    var users: VisibleOwners?
    var organizations: VisibleOwners?

    /// The condition on `owner`, with the parameters 1 to 8.
    static let condition: SQL = """
        ((owner.kind = 'user' AND (owner.visibility IN ($1, $2, $3) OR owner.id = $4))
            OR (owner.kind = 'organization' AND (owner.visibility IN ($5, $6, $7)
                OR owner.id IN (SELECT team.organization_id FROM team
                    JOIN team_member ON team_member.team_id = team.id WHERE team_member.account_id = $8))))
        """

    /// The parameters of the condition; a kind of owners that is nil is not seen at all.
    var arguments: [SQLValue] { Self.arguments(users) + Self.arguments(organizations) }

    private static func arguments(_ visible: VisibleOwners?) -> [SQLValue] {
        [Visibility.public, .limited, .private].map {
            .text(visible?.visibilities.contains($0) == true ? $0.rawValue : "")
        } + [.integer(visible?.viewer ?? 0)]
    }
}
