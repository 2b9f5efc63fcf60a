// SPDX-License-Identifier: Apache-2.0

/// A team, as Gitea's `Team`.
package struct GiteaTeam: JSONRecord {
    /// Gitea's name for the package permission of teams.
    package static let packagesUnit = "repo.packages"

    package static let recordName = "Team"

    package static let fields: [JSONField<GiteaTeam>] = [
        JSONField("id", \.id),
        JSONField("name", \.name),
        JSONField("description", \.description),
        JSONField("organization", \.organization),
        JSONField("includes_all_repositories", \.isOwners),
        JSONField("permission", \.permission),
        JSONField("units", \.units),
        JSONField("units_map", \.unitsMap),
        JSONField("can_create_org_repo", \.isOwners),
        .constant("visibility", "private"),
    ]

    package let id: Int64
    package let name: String
    package let description: String
    /// The organization, or nil in the list of one organization.
    package let organization: GiteaOrganization?
    package let isOwners: Bool
    /// `owner`, `admin`, or `none` when the units decide.
    package let permission: String
    /// The team's package permission: `read`, `write`, `admin` or `owner`; nil for none.
    package let packages: String?

    /// Creates the record from its parts.
    package init(
        id: Int64,
        name: String,
        description: String,
        organization: GiteaOrganization?,
        isOwners: Bool,
        permission: String,
        packages: String?
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.organization = organization
        self.isOwners = isOwners
        self.permission = permission
        self.packages = packages
    }

    private var units: [String] { packages == nil ? [] : [Self.packagesUnit] }

    private var unitsMap: UnitsMap { UnitsMap(packages: packages) }

    /// The repository units by name, of which the registry has only packages.
    private struct UnitsMap: JSONConvertible {
        let packages: String?

        static var schema: JSONSchema { .map(of: .text) }
        var json: JSONValue { .object(packages.map { [JSONMember(packagesUnit, .text($0))] } ?? []) }
    }
}

/// The result of a team search in Gitea's form.
package struct GiteaTeamSearch: JSONRecord {
    package static let recordName = "TeamSearchResults"

    package static let fields: [JSONField<GiteaTeamSearch>] = [
        JSONField("data", \.teams),
        .constant("ok", true),
    ]

    package let teams: [GiteaTeam]

    /// Creates the record from its parts.
    package init(teams: [GiteaTeam]) {
        self.teams = teams
    }
}
