// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryMetadata

extension Accounts {
    /// Creates a user, who can sign in immediately.
    @discardableResult
    package func createUser(
        _ name: OwnerName,
        email: EmailAddress,
        password: String,
        isAdministrator: Bool = false,
        visibility: Visibility = .public,
        isRestricted: Bool = false,
        mustChangePassword: Bool = false,
        details: OwnerChange? = nil
    ) async throws -> User {
        try Self.checkNew(name)
        try Password.check(password)
        let user = NewUser(
            name: name,
            email: email,
            passwordHash: try await hasher.hash(password),
            isAdministrator: isAdministrator,
            visibility: visibility,
            isRestricted: isRestricted,
            mustChangePassword: mustChangePassword,
            details: details
        )
        switch try await accounts.createUser(user) {
        case .created(let user): return user
        case .nameTaken: throw Self.taken(name)
        case .emailTaken: throw Self.taken(email)
        }
    }

    /// Creates the first administrator; returns false if an account already exists.
    package func ensureAdministrator(name: String, password: String) async throws -> Bool {
        guard try await !accounts.hasAccounts() else { return false }
        try Password.check(password)
        // A reserved name is accepted here, because no other user can take it.
        let administrator = NewUser(
            name: try OwnerName(name),
            email: try EmailAddress("\(name)@localhost"),
            passwordHash: try await hasher.hash(password),
            isAdministrator: true,
            visibility: .public
        )
        guard case .created = try await accounts.createUser(administrator) else { return false }
        return true
    }

    /// Updates a user, and the password if one is given.
    @discardableResult
    package func updateUser(
        _ account: Account,
        _ change: UserChange,
        password: String? = nil
    ) async throws -> User {
        var change = change
        if let password {
            try Password.check(password)
            change.passwordHash = try await hasher.hash(password)
        }
        let outcome = try await accounts.updateUser(account.id, change)
        switch outcome {
        case .updated(let user): return user
        case .notFound: throw Self.noUser(account.name)
        case .lastAdministrator: throw Self.lastAdministrator(account.name)
        case .emailTaken: throw change.email.map(Self.taken) ?? Self.noUser(account.name)
        }
    }

    /// Returns all users, ordered by name.
    package func listUsers() async throws -> [User] {
        try await all { last in
            try await accounts.users(after: last?.account.name, limit: Self.pageSize)
        }
    }

    /// Deletes a user who owns nothing, with all access tokens; `includingPackages` also deletes the user's packages.
    package func deleteUser(_ account: Account, includingPackages: Bool = false) async throws {
        let name = account.name
        let outcome = try await accounts.removeUser(account.id, includingPackages: includingPackages)
        switch outcome {
        case .removed: return
        case .notFound: throw Self.noUser(name)
        case .ownsPackages: throw Self.ownsPackages(name)
        case .lastOwner(let organization):
            throw RegistryError.stillInUse(
                "\(name) is the only owner of the organization \(organization): add another owner or delete it first"
            )
        case .lastAdministrator: throw Self.lastAdministrator(name)
        }
    }

    private static func taken(_ email: EmailAddress) -> RegistryError {
        .alreadyExists("a user with the e-mail address \(email) already exists: use another one")
    }

    /// Returns the error for an owner that cannot be deleted because it still has packages.
    static func ownsPackages(_ name: OwnerName) -> RegistryError {
        .stillInUse("\(name) still has packages or drafts: delete them first")
    }

    private static func lastAdministrator(_ name: OwnerName) -> RegistryError {
        .stillInUse("\(name) is the only administrator able to sign in: grant another user administrator rights first")
    }
}
