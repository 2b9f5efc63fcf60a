// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// An organization, as Gitea's `Organization`.
package struct GiteaOrganization: JSONRecord {
    package static let recordName = "Organization"

    package static let fields: [JSONField<GiteaOrganization>] = [
        JSONField("id", \.profile.owner.id),
        JSONField("name", \.profile.owner.name.text),
        JSONField("full_name", \.profile.details.fullName),
        JSONField("email", \.profile.email),
        .constant("avatar_url", ""),
        JSONField("description", \.profile.details.description),
        JSONField("website", \.profile.details.website),
        JSONField("location", \.profile.details.location),
        JSONField("visibility", \.profile.owner.visibility.rawValue, as: .visibility),
        .constant("repo_admin_change_team_access", false),
        JSONField("username", \.profile.owner.name.text),
    ]

    private let profile: OwnerProfile

    package init(_ profile: OwnerProfile) {
        self.profile = profile
    }
}
