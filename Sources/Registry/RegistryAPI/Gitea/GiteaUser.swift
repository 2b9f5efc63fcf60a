// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// A user, as Gitea's `User`, which also represents organizations.
package struct GiteaUser: JSONRecord {
    package static let recordName = "User"

    package static let fields: [JSONField<GiteaUser>] = [
        JSONField("id", \.id),
        JSONField("login", \.login),
        .constant("login_name", ""),
        .constant("source_id", Int64(0)),
        JSONField("full_name", \.details.fullName),
        JSONField("email", \.email),
        .constant("avatar_url", ""),
        JSONField("html_url", \.htmlURL),
        .constant("language", ""),
        JSONField("is_admin", \.isAdmin),
        JSONField("last_login", \.lastLogin),
        JSONField("created", \.created),
        JSONField("restricted", \.isRestricted),
        JSONField("active", \.isActive),
        JSONField("prohibit_login", \.isLoginProhibited),
        JSONField("location", \.details.location),
        JSONField("website", \.details.website),
        JSONField("description", \.details.description),
        JSONField("visibility", \.visibility, as: .visibility),
        .constant("followers_count", Int64(0)),
        .constant("following_count", Int64(0)),
        .constant("starred_repos_count", Int64(0)),
        JSONField("username", \.login),
    ]

    package let id: Int64
    package let login: String
    package let email: String
    package let htmlURL: String
    package let created: JSONTime
    package let visibility: String
    package var details = OwnerDetails()
    package var lastLogin = JSONTime.hidden
    package var isAdmin = false
    package var isRestricted = false
    package var isActive = false
    package var isLoginProhibited = false

    /// Creates the record with an empty profile, and without what only some callers may see.
    package init(id: Int64, login: String, email: String, htmlURL: String, created: JSONTime, visibility: Visibility) {
        self.id = id
        self.login = login
        self.email = email
        self.htmlURL = htmlURL
        self.created = created
        self.visibility = visibility.rawValue
    }
}

/// The result of a user search in Gitea's form.
package struct GiteaUserSearch: JSONRecord {
    package static let recordName = "UserSearchResults"

    package static let fields: [JSONField<GiteaUserSearch>] = [
        JSONField("data", \.users),
        .constant("ok", true),
    ]

    private let users: [GiteaUser]

    package init(users: [GiteaUser]) {
        self.users = users
    }
}

/// An e-mail address of a user, as Gitea's `Email`.
package struct GiteaEmail: JSONRecord {
    package static let recordName = "Email"

    package static let fields: [JSONField<GiteaEmail>] = [
        JSONField("email", \.profile.email),
        .constant("verified", true),
        .constant("primary", true),
        JSONField("user_id", \.profile.owner.id),
        JSONField("username", \.profile.owner.name.text),
    ]

    private let profile: OwnerProfile

    package init(_ profile: OwnerProfile) {
        self.profile = profile
    }
}

/// The settings that users change themselves, as Gitea's `UserSettings`.
package struct GiteaUserSettings: JSONRecord {
    package static let recordName = "UserSettings"

    package static let fields: [JSONField<GiteaUserSettings>] = [
        JSONField("full_name", \.profile.details.fullName),
        JSONField("website", \.profile.details.website),
        JSONField("description", \.profile.details.description),
        JSONField("location", \.profile.details.location),
        .constant("language", ""),
        .constant("theme", ""),
        .constant("diff_view_style", ""),
        JSONField("hide_email", \.profile.isEmailHidden),
        .constant("hide_activity", false),
    ]

    private let profile: OwnerProfile

    package init(_ profile: OwnerProfile) {
        self.profile = profile
    }
}
