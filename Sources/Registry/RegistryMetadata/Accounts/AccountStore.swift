// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// Users, and what all owners have in common: names, profiles and settings.
package struct AccountStore: Sendable {
    /// How often packages are deleted that were published meanwhile, before a removal gives up.
    private static let mostRounds = 10

    let database: MetadataDatabase

    /// Returns whether there is any account.
    package func hasAccounts() async throws -> Bool {
        try await database.read { try $0.exists("SELECT 1 FROM account /* all rows */ LIMIT 1") }
    }

    /// Creates a user; unique constraints decide which transaction gets a name or an e-mail address.
    ///
    /// The name may have led to another owner, so what is remembered about it is forgotten.
    package func createUser(_ user: NewUser) async throws -> UserCreation {
        try await database.write(telling: .access) { tx in
            guard let id = try tx.owners.insert(user.name, .user, user.visibility) else {
                throw Rollback(UserCreation.nameTaken)
            }
            if let details = user.details { try tx.owners.apply(details, to: id) }
            guard try tx.users.insert(user, id: id), let created = try tx.users.find(user.name) else {
                throw Rollback(UserCreation.emailTaken)
            }
            return .created(created)
        }
    }

    /// Finds a user by its name, in any letter case.
    package func user(_ name: OwnerName) async throws -> User? {
        try await database.read { try $0.users.find(name) }
    }

    /// Lists users by name, after one that was listed before.
    package func users(after name: OwnerName?, limit: Int) async throws -> [User] {
        try await database.read { tx in
            try tx.all(
                """
                SELECT \(User.columns) FROM \(User.source)
                WHERE owner.lower_name > $1 ORDER BY owner.lower_name LIMIT $2
                """,
                [.text(name?.folded ?? ""), .integer(Int64(limit))]
            )
        }
    }

    /// Lists users by name among those that a caller may see; `text` is part of a name, full name or visible address.
    package func users(
        _ visible: VisibleOwners,
        matching text: String = "",
        showsAddresses: Bool = false,
        only id: Int64? = nil,
        page: ListPage
    ) async throws -> Listing<OwnerProfile> {
        try await database.read { tx in
            try tx.profiles.list(
                """
                owner.kind = 'user' /* all rows */ AND \(OwnerFilter.condition)
                AND ($9 = '' OR owner.lower_name LIKE $9 ESCAPE '!' OR LOWER(owner.full_name) LIKE $9 ESCAPE '!'
                    OR ($10 = 1 AND account.is_email_hidden = 0 AND LOWER(account.email) LIKE $9 ESCAPE '!'))
                AND (owner.id = $11 OR $11 = 0)
                """,
                OwnerFilter(users: visible).arguments
                    + [.text(LikePattern.containing(text)), .flag(showsAddresses), .integer(id ?? 0)],
                window: "LIMIT $12 OFFSET $13",
                page
            )
        }
    }

    /// Changes a user; refused if no administrator who can sign in would be left.
    package func updateUser(_ id: Int64, _ change: UserChange) async throws -> UserChangeOutcome {
        do {
            return try await database.write(telling: .access) { tx in
                if change.endsAdministration { try tx.users.lockAdministrators() }
                guard let user = try tx.users.find(id) else { return .notFound }
                if change.endsAdministration, try tx.users.isLastAdministrator(user.account) {
                    return .lastAdministrator
                }
                try tx.users.apply(change, to: id)
                return try tx.users.find(id).map { .updated($0) } ?? .notFound
            }
        } catch let error as SQLError where error.code == .uniqueViolation {
            return .emailTaken
        }
    }

    /// Removes a user with its access tokens and memberships, unless something would be left without an owner.
    ///
    /// `includingPackages` also deletes its packages and drafts.
    package func removeUser(_ id: Int64, includingPackages: Bool = false) async throws -> OwnerRemoval {
        try await database.write(telling: .access) { tx in
            try tx.owners.lock(id)
            try tx.users.lockAdministrators()
            guard let user = try tx.users.find(id)?.account else { return .notFound }
            if try tx.users.isLastAdministrator(user) { return .lastAdministrator }
            if let organization = try tx.teams.organizationOwnedOnly(by: user.id) {
                return .lastOwner(of: organization)
            }
            guard includingPackages else { return try tx.owners.remove(user.id) }
            for _ in 0..<Self.mostRounds {
                try tx.packages.deleteAll(ofOwner: user.id)
                try tx.usage.add(tx.reservedVersions.release(tx.drafts.deleteAll(ofOwner: user.id)), owner: user.id)
                let outcome = try tx.owners.remove(user.id)
                if case .ownsPackages = outcome { continue }
                return outcome
            }
            return .ownsPackages
        }
    }

    /// Finds an owner by its present or a former name, and what an account's access to its packages depends on, in one read.
    package func owner(_ name: OwnerName, seenBy account: Account?) async throws -> (owner: Owner, access: OwnerAccess)?
    {
        try await database.read { tx in
            try tx.owners.find(name, seenBy: account).map { ($0.owner, $0.access) }
        }
    }

    /// Gives an owner another name; the former one leads to it until another owner takes it.
    package func renameOwner(_ id: Int64, to new: OwnerName) async throws -> OwnerRename {
        do {
            return try await database.write(telling: .access) { tx in
                guard let owner = try tx.owners.find(id) else { return .notFound }
                try tx.owners.rename(owner, to: new)
                return .renamed
            }
        } catch let error as SQLError where error.code == .uniqueViolation {
            return .nameTaken
        }
    }

    /// Finds the profile of an owner by its present or a former name, and what an account's access to it depends on, in one read.
    package func profile(
        _ name: OwnerName,
        seenBy account: Account?
    ) async throws -> (profile: OwnerProfile, access: OwnerAccess)? {
        try await database.read { tx in
            let found = try tx.owners.find(name, seenBy: account)
            // The same work, whether there is one or not.
            let profile = try tx.profiles.find(found?.owner.id ?? 0)
            guard let found, let profile else { return nil }
            return (profile, found.access)
        }
    }

    /// Finds the profile of an owner, and what an account's access to it depends on.
    package func profile(
        id: Int64,
        seenBy account: Account?
    ) async throws -> (profile: OwnerProfile, access: OwnerAccess)? {
        try await database.read { tx in
            guard let profile = try tx.profiles.find(id) else { return nil }
            return (profile, try tx.owners.access(to: profile.owner, by: account))
        }
    }

    package func profile(id: Int64) async throws -> OwnerProfile? {
        try await database.read { try $0.profiles.find(id) }
    }

    /// Changes how an owner publishes from now on; returns false if there is no such owner.
    ///
    /// No cache holds these settings: every publish reads them.
    package func updateSettings(ofOwner id: Int64, _ change: OwnerSettingsChange) async throws -> Bool {
        try await database.write { try $0.owners.apply(change, to: id) }
    }

    /// Returns the limits that were set for an owner.
    package func limits(ofOwner id: Int64) async throws -> OwnerLimits {
        try await database.read { try $0.owners.limits(of: id) }
    }
}
