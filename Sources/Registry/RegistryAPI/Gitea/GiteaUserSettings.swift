// SPDX-License-Identifier: Apache-2.0

/// The settings that users change themselves, as Gitea's `UserSettings`.
package struct GiteaUserSettings: JSONRecord {
    package static let recordName = "UserSettings"

    package static let fields: [JSONField<GiteaUserSettings>] = [
        JSONField("full_name", \.fullName),
        JSONField("website", \.website),
        JSONField("description", \.description),
        JSONField("location", \.location),
        .constant("language", ""),
        .constant("theme", ""),
        .constant("diff_view_style", ""),
        JSONField("hide_email", \.hidesEmail),
        .constant("hide_activity", false),
    ]

    package let fullName: String
    package let website: String
    package let description: String
    package let location: String
    package let hidesEmail: Bool

    /// Creates the record from its parts.
    package init(fullName: String, website: String, description: String, location: String, hidesEmail: Bool) {
        self.fullName = fullName
        self.website = website
        self.description = description
        self.location = location
        self.hidesEmail = hidesEmail
    }
}
