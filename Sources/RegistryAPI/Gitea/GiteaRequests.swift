// SPDX-License-Identifier: Apache-2.0

/// The body of a request; members of other names are passed over, as in Gitea.
package protocol GiteaRequest: Decodable, Sendable {
    /// What refusals call a member where that is not its name in camel case.
    static var labels: [String: String] { get }
}

extension GiteaRequest {
    package static var labels: [String: String] { [:] }
}

/// Creates an access token.
package struct CreateTokenRequest: GiteaRequest {
    package let name: String
    package let scopes: [String]?
}

/// Creates an organization.
package struct CreateOrganizationRequest: GiteaRequest {
    package static let labels = ["username": "UserName"]

    package let username: String
    package let fullName: String?
    package let email: String?
    package let description: String?
    package let website: String?
    package let location: String?
    package let visibility: String?

    private enum CodingKeys: String, CodingKey {
        case username, email, description, website, location, visibility
        case fullName = "full_name"
    }
}

/// Changes an organization.
package struct EditOrganizationRequest: GiteaRequest {
    package let fullName: String?
    package let email: String?
    package let description: String?
    package let website: String?
    package let location: String?
    package let visibility: String?

    private enum CodingKeys: String, CodingKey {
        case email, description, website, location, visibility
        case fullName = "full_name"
    }
}

/// Gives an organization another name.
package struct RenameOrganizationRequest: GiteaRequest {
    package let newName: String

    private enum CodingKeys: String, CodingKey {
        case newName = "new_name"
    }
}

/// Creates a team.
package struct CreateTeamRequest: GiteaRequest {
    package let name: String
    package let description: String?
    package let permission: String?
    package let units: [String]?
    package let unitsMap: [String: String]?

    private enum CodingKeys: String, CodingKey {
        case name, description, permission, units
        case unitsMap = "units_map"
    }
}

/// Changes a team.
package struct EditTeamRequest: GiteaRequest {
    package let name: String?
    package let description: String?
    package let permission: String?
    package let units: [String]?
    package let unitsMap: [String: String]?

    private enum CodingKeys: String, CodingKey {
        case name, description, permission, units
        case unitsMap = "units_map"
    }
}

/// Creates a user.
package struct CreateUserRequest: GiteaRequest {
    package let username: String
    package let email: String
    package let password: String?
    package let fullName: String?
    package let mustChangePassword: Bool?
    package let restricted: Bool?
    package let visibility: String?

    private enum CodingKeys: String, CodingKey {
        case username, email, password, restricted, visibility
        case fullName = "full_name"
        case mustChangePassword = "must_change_password"
    }
}

/// Changes a user.
package struct EditUserRequest: GiteaRequest {
    /// Accounts of other systems are not known here; Gitea demands the member.
    package let loginName: String
    package let email: String?
    package let fullName: String?
    package let password: String?
    package let mustChangePassword: Bool?
    package let website: String?
    package let location: String?
    package let description: String?
    package let active: Bool?
    package let admin: Bool?
    package let prohibitLogin: Bool?
    package let restricted: Bool?
    package let visibility: String?

    private enum CodingKeys: String, CodingKey {
        case email, password, website, location, description, active, admin, restricted, visibility
        case loginName = "login_name"
        case fullName = "full_name"
        case mustChangePassword = "must_change_password"
        case prohibitLogin = "prohibit_login"
    }
}

/// Gives a user another name.
package struct RenameUserRequest: GiteaRequest {
    package static let labels = ["new_username": "NewName"]

    package let newUsername: String

    private enum CodingKeys: String, CodingKey {
        case newUsername = "new_username"
    }
}

/// Changes what the user who asks says about itself.
package struct EditUserSettingsRequest: GiteaRequest {
    package let fullName: String?
    package let website: String?
    package let description: String?
    package let location: String?
    package let hideEmail: Bool?

    private enum CodingKeys: String, CodingKey {
        case website, description, location
        case fullName = "full_name"
        case hideEmail = "hide_email"
    }
}
