// SPDX-License-Identifier: Apache-2.0

/// The URL paths that the registry's client and server share.
package enum Endpoint: String, CaseIterable, Sendable {
    case genericFile = "/api/packages/{owner}/generic/{package_name}/{package_version}/{file_name}"
    case genericVersion = "/api/packages/{owner}/generic/{package_name}/{package_version}"
    case account = "/api/granary/v1/user"
    case packages = "/api/granary/v1/packages/{owner}"
    case versions = "/api/granary/v1/packages/{owner}/{package_name}"
    case version = "/api/granary/v1/packages/{owner}/{package_name}/{package_version}"
    case search = "/api/granary/v1/search"
    case owner = "/api/granary/v1/owners/{owner}"
    case ownerUsage = "/api/granary/v1/owners/{owner}/usage"
    case drafts = "/api/granary/v1/releases/{owner}"
    case release = "/api/granary/v1/releases/{owner}/{package_name}/{package_version}"
    case releaseFile = "/api/granary/v1/releases/{owner}/{package_name}/{package_version}/{file_name}"
    case uploads = "/api/granary/v1/owners/{owner}/uploads"
    case newUpload = "/api/granary/v1/uploads/{owner}/{package_name}/{package_version}/{file_name}"
    case upload = "/api/granary/v1/uploads/{upload}"
    case health = "/healthz"
    case ready = "/readyz"
    case openAPI = "/api/openapi.json"

    // Gitea's management API.
    case giteaVersion = "/api/v1/version"
    case giteaSettings = "/api/v1/settings/api"
    case giteaUser = "/api/v1/user"
    case giteaUserSettings = "/api/v1/user/settings"
    case giteaUserEmails = "/api/v1/user/emails"
    case giteaUserOrganizations = "/api/v1/user/orgs"
    case giteaUserTeams = "/api/v1/user/teams"
    case giteaUserRepositories = "/api/v1/user/repos"
    case giteaUserSearch = "/api/v1/users/search"
    case giteaNamedUser = "/api/v1/users/{username}"
    case giteaNamedUserOrganizations = "/api/v1/users/{username}/orgs"
    case giteaNamedUserRepositories = "/api/v1/users/{username}/repos"
    case giteaTokens = "/api/v1/users/{username}/tokens"
    case giteaToken = "/api/v1/users/{username}/tokens/{token}"
    case giteaOrganizations = "/api/v1/orgs"
    case giteaOrganization = "/api/v1/orgs/{org}"
    case giteaOrganizationRename = "/api/v1/orgs/{org}/rename"
    case giteaOrganizationRepositories = "/api/v1/orgs/{org}/repos"
    case giteaMembers = "/api/v1/orgs/{org}/members"
    case giteaMember = "/api/v1/orgs/{org}/members/{username}"
    case giteaPublicMembers = "/api/v1/orgs/{org}/public_members"
    case giteaTeams = "/api/v1/orgs/{org}/teams"
    case giteaTeamSearch = "/api/v1/orgs/{org}/teams/search"
    case giteaTeam = "/api/v1/teams/{id}"
    case giteaTeamMembers = "/api/v1/teams/{id}/members"
    case giteaTeamMember = "/api/v1/teams/{id}/members/{username}"
    case giteaAdminUsers = "/api/v1/admin/users"
    case giteaAdminUser = "/api/v1/admin/users/{username}"
    case giteaAdminUserRename = "/api/v1/admin/users/{username}/rename"
    case giteaAdminUserOrganizations = "/api/v1/admin/users/{username}/orgs"
    case giteaAdminOrganizations = "/api/v1/admin/orgs"
    case giteaPackages = "/api/v1/packages/{owner}"
    case giteaPackage = "/api/v1/packages/{owner}/{type}/{name}"
    case giteaLatestVersion = "/api/v1/packages/{owner}/{type}/{name}/-/latest"
    case giteaPackageVersion = "/api/v1/packages/{owner}/{type}/{name}/{version}"
    case giteaPackageFiles = "/api/v1/packages/{owner}/{type}/{name}/{version}/files"

    /// The prefix of Gitea's management API, whose errors have their own form.
    package static let giteaPrefix = "/api/v1/"

    /// The path with `{name}` for each parameter, for routers and metric labels.
    package var template: String { rawValue }

    /// The names of the path's parameters, from left to right.
    package var parameters: [String] {
        templateSegments.compactMap { parameterName(of: $0).map(String.init) }
    }

    var templateSegments: [Substring] {
        template.split(separator: "/", omittingEmptySubsequences: false)
    }

    func parameterName(of segment: Substring) -> Substring? {
        guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return nil }
        return segment.dropFirst().dropLast()
    }
}
