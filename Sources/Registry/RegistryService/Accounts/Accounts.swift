// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// What administrators do with users, organizations, teams and access tokens.
///
/// After every change that could end someone's access the cache of credentials forgets everything.
package struct Accounts: Sendable {
    /// How many rows a listing reads at a time.
    static let pageSize = 500

    let metadata: MetadataStore
    let hasher: PasswordHasher
    let cache: CredentialCache

    /// Works on the metadata; `Authenticate` must share the cache.
    package init(metadata: MetadataStore, hasher: PasswordHasher, cache: CredentialCache) {
        self.metadata = metadata
        self.hasher = hasher
        self.cache = cache
    }

    /// The user of a name, which whoever acts on it goes by from then on: a name may change hands.
    package func user(_ name: OwnerName) async throws -> Account {
        guard let user = try await metadata.user(name) else { throw Self.noUser(name) }
        return user.account
    }

    /// The organization of a name.
    package func organization(_ name: OwnerName) async throws -> Owner {
        guard let organization = try await metadata.organization(name) else { throw Self.noOrganization(name) }
        return organization
    }

    /// The team of a name.
    package func team(_ name: TeamName, of organization: Owner) async throws -> Team {
        guard let team = try await metadata.team(name, of: organization.id) else {
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

    /// The error for a user that is not there.
    static func noUser(_ name: OwnerName) -> RegistryError {
        .notFound("there is no user \(name): see granary admin user list")
    }

    /// The error for an organization that is not there.
    static func noOrganization(_ name: OwnerName) -> RegistryError {
        .notFound("there is no organization \(name): see granary admin org list")
    }

    /// The error for a name that another owner has.
    static func taken(_ name: OwnerName) -> RegistryError {
        .alreadyExists("a user or an organization named \(name) already exists: choose another name")
    }

    /// Checks a name that a new user or organization asks for.
    static func checkNew(_ name: OwnerName) throws(RegistryError) {
        do {
            _ = try OwnerName.forNewOwner(name.text)
        } catch {
            throw .invalid(error.description)
        }
    }
}
