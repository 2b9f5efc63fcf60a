// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// The body of a request; unknown members are ignored, as in Gitea.
package protocol JSONRequest: Decodable, Sendable {
    /// The names of members in error messages where they differ from the camel-case name.
    static var labels: [String: String] { get }
    /// The schemas of members that are more specific than their types.
    static var shapes: [String: JSONSchema] { get }
    /// The body in the example of the route.
    static var example: JSONValue { get }
}

extension JSONRequest {
    package static var labels: [String: String] { [:] }
    package static var shapes: [String: JSONSchema] { [:] }

    /// The schema of the body.
    package static var schema: JSONSchema {
        let members = RequestShape.members(of: self).map { member in
            guard let shape = shapes[member.name] else { return member }
            let schema = member.isRequired ? shape : .optional(shape)
            return JSONSchema.Property(member.name, schema, isRequired: member.isRequired)
        }
        return .object(name: String(describing: self), members)
    }
}

/// The schemas of owner members that several requests share.
private let ownerShapes: [String: JSONSchema] = [
    "full_name": .shortText(100), "description": .shortText(255), "website": .shortText(255),
    "location": .shortText(50), "visibility": .wordOrEmpty(Visibility.allCases.map(\.rawValue)),
]

/// The schemas of team members.
private let teamShapes: [String: JSONSchema] = [
    "description": .shortText(255), "permission": .wordOrEmpty(["none", "read", "write", "admin", "owner"]),
]

/// The schema of a new owner's name; some words are reserved in addition.
private let newOwner = JSONSchema.name(OwnerName.pattern)

/// A request to create an access token.
package struct CreateTokenRequest: JSONRequest {
    package static let example: JSONValue = ["name": "ci", "scopes": ["write:package"]]

    package let name: String
    package let scopes: [String]?
}

/// A request to create an organization.
package struct CreateOrganizationRequest: JSONRequest {
    package static let labels = ["username": "UserName"]
    package static let shapes = ownerShapes.merging(["username": newOwner]) { $1 }
    package static let example: JSONValue = ["username": "initech", "visibility": "private"]

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

/// A request to change an organization.
package struct EditOrganizationRequest: JSONRequest {
    package static let shapes = ownerShapes
    package static let example: JSONValue = ["description": "makes everything", "visibility": "limited"]

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

/// A request to rename an organization.
package struct RenameOrganizationRequest: JSONRequest {
    package static let shapes = ["new_name": newOwner]
    package static let example: JSONValue = ["new_name": "acme-inc"]

    package let newName: String

    private enum CodingKeys: String, CodingKey {
        case newName = "new_name"
    }
}

/// A request to create a team.
package struct CreateTeamRequest: JSONRequest {
    package static let shapes = teamShapes
    package static let example: JSONValue = ["name": "release", "units_map": ["repo.packages": "write"]]

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

/// A request to change a team.
package struct EditTeamRequest: JSONRequest {
    package static let shapes = teamShapes
    package static let example: JSONValue = ["units_map": ["repo.packages": "read"]]

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

/// A request to create a user.
package struct CreateUserRequest: JSONRequest {
    package static let shapes = ownerShapes.merging(["username": newOwner]) { $1 }
    package static let example: JSONValue = [
        "username": "kim", "email": "kim@example.org", "password": "staple-battery", "must_change_password": false,
    ]

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

/// A request to change a user.
package struct EditUserRequest: JSONRequest {
    package static let shapes = ownerShapes
    package static let example: JSONValue = ["login_name": "", "full_name": "Robin R."]

    /// The login name in an external system, which Gitea requires and the registry ignores.
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

/// A request to rename a user.
package struct RenameUserRequest: JSONRequest {
    package static let labels = ["new_username": "NewName"]
    package static let shapes = ["new_username": newOwner]
    package static let example: JSONValue = ["new_username": "robin-2"]

    package let newUsername: String

    private enum CodingKeys: String, CodingKey {
        case newUsername = "new_username"
    }
}

/// A request to change the profile of the signed-in user.
package struct EditUserSettingsRequest: JSONRequest {
    package static let shapes = ownerShapes
    package static let example: JSONValue = ["full_name": "The administrator", "hide_email": true]

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
