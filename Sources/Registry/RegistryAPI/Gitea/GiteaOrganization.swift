// SPDX-License-Identifier: Apache-2.0

/// An organization, as Gitea's `Organization`.
package struct GiteaOrganization: JSONRecord {
    package static let recordName = "Organization"

    package static let fields: [JSONField<GiteaOrganization>] = [
        JSONField("id", \.id),
        JSONField("name", \.name),
        JSONField("full_name", \.fullName),
        JSONField("email", \.email),
        .constant("avatar_url", ""),
        JSONField("description", \.description),
        JSONField("website", \.website),
        JSONField("location", \.location),
        JSONField("visibility", \.visibility, as: .visibility),
        .constant("repo_admin_change_team_access", false),
        JSONField("username", \.name),
    ]

    package let id: Int64
    package let name: String
    package let fullName: String
    package let email: String
    package let description: String
    package let website: String
    package let location: String
    package let visibility: String

    /// Creates the record from its parts.
    package init(
        id: Int64,
        name: String,
        fullName: String,
        email: String,
        description: String,
        website: String,
        location: String,
        visibility: String
    ) {
        self.id = id
        self.name = name
        self.fullName = fullName
        self.email = email
        self.description = description
        self.website = website
        self.location = location
        self.visibility = visibility
    }
}
