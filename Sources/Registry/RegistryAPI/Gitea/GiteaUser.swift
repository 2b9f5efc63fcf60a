// SPDX-License-Identifier: Apache-2.0

/// A user, as Gitea's `User`, which also represents organizations.
package struct GiteaUser: JSONRecord {
    package static let recordName = "User"

    package static let fields: [JSONField<GiteaUser>] = [
        JSONField("id", \.id),
        JSONField("login", \.login),
        .constant("login_name", ""),
        .constant("source_id", Int64(0)),
        JSONField("full_name", \.fullName),
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
        JSONField("location", \.location),
        JSONField("website", \.website),
        JSONField("description", \.description),
        JSONField("visibility", \.visibility, as: .visibility),
        .constant("followers_count", Int64(0)),
        .constant("following_count", Int64(0)),
        .constant("starred_repos_count", Int64(0)),
        JSONField("username", \.login),
    ]

    package let id: Int64
    package let login: String
    package let fullName: String
    package let email: String
    package let htmlURL: String
    package let isAdmin: Bool
    package let lastLogin: JSONTime
    package let created: JSONTime
    package let isRestricted: Bool
    package let isActive: Bool
    package let isLoginProhibited: Bool
    package let location: String
    package let website: String
    package let description: String
    package let visibility: String

    /// Creates the record from its parts.
    package init(
        id: Int64,
        login: String,
        fullName: String = "",
        email: String,
        htmlURL: String,
        isAdmin: Bool = false,
        lastLogin: JSONTime = .hidden,
        created: JSONTime,
        isRestricted: Bool = false,
        isActive: Bool = false,
        isLoginProhibited: Bool = false,
        location: String = "",
        website: String = "",
        description: String = "",
        visibility: String
    ) {
        self.id = id
        self.login = login
        self.fullName = fullName
        self.email = email
        self.htmlURL = htmlURL
        self.isAdmin = isAdmin
        self.lastLogin = lastLogin
        self.created = created
        self.isRestricted = isRestricted
        self.isActive = isActive
        self.isLoginProhibited = isLoginProhibited
        self.location = location
        self.website = website
        self.description = description
        self.visibility = visibility
    }
}

/// The result of a user search in Gitea's form.
package struct GiteaUserSearch: JSONRecord {
    package static let recordName = "UserSearchResults"

    package static let fields: [JSONField<GiteaUserSearch>] = [
        JSONField("data", \.users),
        .constant("ok", true),
    ]

    package let users: [GiteaUser]

    /// Creates the record from its parts.
    package init(users: [GiteaUser]) {
        self.users = users
    }
}

/// An e-mail address of a user, as Gitea's `Email`.
package struct GiteaEmail: JSONRecord {
    package static let recordName = "Email"

    package static let fields: [JSONField<GiteaEmail>] = [
        JSONField("email", \.email),
        .constant("verified", true),
        .constant("primary", true),
        JSONField("user_id", \.userID),
        JSONField("username", \.userName),
    ]

    package let email: String
    package let userID: Int64
    package let userName: String

    /// Creates the record from its parts.
    package init(email: String, userID: Int64, userName: String) {
        self.email = email
        self.userID = userID
        self.userName = userName
    }
}
