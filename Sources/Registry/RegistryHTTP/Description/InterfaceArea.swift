// SPDX-License-Identifier: Apache-2.0

import RegistryAPI

/// A chapter of the interface description, in order of appearance.
enum InterfaceArea: String, CaseIterable {
    case packages = "Packages"
    case releases = "Releases"
    case uploads = "Resumable uploads"
    case browse = "Browse"
    case server = "Server"
    case users = "Users"
    case tokens = "Access tokens"
    case organizations = "Organizations"
    case teams = "Teams"
    case administration = "Administration"
    case versions = "Gitea's package interface"
    case health = "Health and description"

    var summary: String {
        switch self {
        case .packages: "Publish, download and delete files."
        case .releases: "Atomic releases of several files: a version stays invisible until it is complete."
        case .uploads: "Large files in pieces: received bytes survive a broken connection."
        case .browse:
            "The interface of the command line. It may change before the first release; `granary list`, `search` and `show` are stable."
        case .server: "The version and settings that Gitea clients query first."
        case .users: "The caller's own account, and other users."
        case .tokens: "The access tokens of a user, managed by that user or by an administrator."
        case .organizations: "Organizations and their members."
        case .teams: "Teams and their members."
        case .administration: "User and organization management for administrators."
        case .versions: "One entry per version."
        case .health: "Routes for load balancers, supervisors and API tools; no sign-in required."
        }
    }
}

extension Endpoint {
    /// The chapter of the endpoint.
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
