// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A team, as Gitea's `Team`.
package struct GiteaTeam: JSONRecord {
    /// Gitea's name for the package permission of teams.
    package static let packagesUnit = "repo.packages"

    package static let recordName = "Team"

    package static let fields: [JSONField<GiteaTeam>] = [
        JSONField("id", \.team.id),
        JSONField("name", \.team.name.text),
        JSONField("description", \.team.description),
        JSONField("organization", \.organization),
        JSONField("includes_all_repositories", \.team.isOwners),
        JSONField("permission", \.permission),
        JSONField("units", \.units),
        JSONField("units_map", \.unitsMap),
        JSONField("can_create_org_repo", \.team.isOwners),
        .constant("visibility", "private"),
    ]

    private let team: Team
    private let organization: GiteaOrganization?

    /// Creates the record of a team, without the organization in the list of one organization's teams, as in Gitea.
    package init(_ team: Team, of organization: OwnerProfile?) {
        self.team = team
        self.organization = organization.map { GiteaOrganization($0) }
    }

    /// The level of a team whose units do not decide.
    private var level: String? { team.isOwners ? "owner" : team.isAdministrators ? "admin" : nil }

    private var permission: String { level ?? "none" }

    /// The package permission; nil for none.
    private var packages: String? { level ?? (team.packages == .none ? nil : team.packages.rawValue) }

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

    private let teams: [GiteaTeam]

    package init(teams: [GiteaTeam]) {
        self.teams = teams
    }
}
