// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// Administers users, organizations, teams and access tokens.
package struct Accounts: Sendable {
    /// The number of rows that a listing reads at a time.
    static let pageSize = 500

    let accounts: AccountStore
    let organizations: OrganizationStore
    let credentials: CredentialStore
    let hasher: PasswordHasher

    package init(metadata: Metadata, hasher: PasswordHasher) {
        accounts = metadata.accounts
        organizations = metadata.organizations
        credentials = metadata.credentials
        self.hasher = hasher
    }

    /// Looks up the user with a name.
    ///
    /// The caller acts on the returned account from then on, since the name may change hands.
    package func user(_ name: OwnerName) async throws -> Account {
        guard let user = try await accounts.user(name) else { throw Self.noUser(name) }
        return user.account
    }

    /// Looks up the organization with a name.
    package func organization(_ name: OwnerName) async throws -> Owner {
        guard let organization = try await organizations.organization(name) else { throw Self.noOrganization(name) }
        return organization
    }

    /// Looks up a team of an organization by its name.
    package func team(_ name: TeamName, of organization: Owner) async throws -> Team {
        guard let team = try await organizations.team(name, of: organization.id) else {
            throw Self.noTeam(name, in: organization.name)
        }
        return team
    }

    /// Reads a listing to its end, page by page.
    func all<Row>(_ page: (Row?) async throws -> [Row]) async throws -> [Row] {
        var rows: [Row] = []
        while true {
            let next = try await page(rows.last)
            rows += next
            guard next.count == Self.pageSize else { return rows }
        }
    }

    /// Returns the error for a user that does not exist.
    static func noUser(_ name: OwnerName) -> RegistryError {
        .notFound("there is no user \(name): see granary admin user list")
    }

    /// Returns the error for an organization that does not exist.
    static func noOrganization(_ name: OwnerName) -> RegistryError {
        .notFound("there is no organization \(name): see granary admin org list")
    }

    /// Returns the error for a name that is already taken.
    static func taken(_ name: OwnerName) -> RegistryError {
        .alreadyExists("a user or an organization named \(name) already exists: choose another name")
    }

    /// Validates the name of a new user or organization.
    static func checkNew(_ name: OwnerName) throws(RegistryError) {
        do {
            _ = try OwnerName.forNewOwner(name.text)
        } catch {
            throw .invalid(error.description)
        }
    }
}
