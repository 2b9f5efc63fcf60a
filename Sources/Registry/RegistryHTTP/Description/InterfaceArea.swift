// SPDX-License-Identifier: Apache-2.0

import RegistryAPI

/// A chapter of the interface, in the order in which it is told.
enum InterfaceArea: String, CaseIterable {
    case packages = "Packages"
    case releases = "Releases"
    case uploads = "Uploads that can be resumed"
    case browse = "Browse"
    case server = "Server"
    case users = "Users"
    case tokens = "Access tokens"
    case organizations = "Organizations"
    case teams = "Teams"
    case administration = "Administration"
    case versions = "Versions as Gitea lists them"
    case health = "Health and description"

    var summary: String {
        switch self {
        case .packages: "Publish, download, delete."
        case .releases: "Several files in one act: nobody sees a version before it is complete."
        case .uploads: "Large files in pieces: what came stays when the connection breaks."
        case .browse:
            "What the command line reads. It may change before the first release; `granary list`, `search` and `show` are stable."
        case .server: "What clients of Gitea ask first."
        case .users: "The user who asks, and other users."
        case .tokens: "The access tokens of a user, for itself and for administrators."
        case .organizations: "Organizations and their members."
        case .teams: "Teams of organizations and their members."
        case .administration: "What administrators do with users and organizations."
        case .versions: "One entry for each version."
        case .health: "What load balancers, supervisors and programs ask; nobody has to sign in."
        }
    }
}

extension Endpoint {
    /// The chapter that it belongs to.
    var area: InterfaceArea {
        let segments = template.split(separator: "/")
        guard isGitea, segments.count > 2 else {
            if template.hasPrefix("/api/packages/") { return .packages }
            guard template.hasPrefix("/api/granary/") else { return .health }
            return segments.contains("releases") ? .releases : segments.contains("uploads") ? .uploads : .browse
        }
        return switch segments[2] {
        case "user": .users
        case "users": segments.contains("tokens") ? .tokens : .users
        case "orgs": segments.contains("teams") ? .teams : .organizations
        case "teams": .teams
        case "admin": .administration
        case "packages": .versions
        default: .server
        }
    }
}
