// SPDX-License-Identifier: Apache-2.0

import Foundation
import Loops
import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport

@testable import RegistryService

/// Accounts on a database of their own, with a clock that stands still until it is moved.
struct AccountsFixture: Sendable {
    static let password = "correct horse"

    let directory: String
    let clock: ManualClock
    let metadata: Metadata
    /// The same records, as another process sees and changes them.
    let otherProcess: Metadata
    let accounts: Accounts
    let authenticate: Authenticate

    /// Runs a test on every database that there is, with cheap passwords unless it asks for the real cost.
    static func run(
        on backends: [DatabaseBackend] = DatabaseBackend.available,
        cost: PasswordHash.Cost = PasswordHash.Cost(rounds: 16, blockSize: 8, parallelism: 1),
        _ body: (AccountsFixture) async throws -> Void
    ) async throws {
        for backend in backends {
            try await backend.withDirectory { directory in
                let clock = ManualClock()
                let database = try await backend.open(directory, clock)
                try await body(try await AccountsFixture(directory, database, clock, cost))
                try await database.close()
            }
        }
    }

    private init(
        _ directory: String,
        _ database: any SQLDatabase,
        _ clock: ManualClock,
        _ cost: PasswordHash.Cost
    ) async throws {
        let hasher = PasswordHasher(pool: .maintenance, cost: cost)
        let cache = CredentialCache(now: clock.now)
        self.directory = directory
        self.clock = clock
        metadata = Metadata(database: database)
        otherProcess = Metadata(database: database)
        metadata.database.observe { [cache] _ in cache.forgetAll() }
        accounts = Accounts(metadata: metadata, hasher: hasher)
        authenticate = Authenticate(
            metadata: metadata,
            hasher: hasher,
            cache: cache,
            limit: SignInLimit(now: clock.now)
        )
        try await metadata.schema.migrate(holder: "test") {}
    }

    /// Creates a user with the password of all tests.
    @discardableResult
    func makeUser(_ name: String, isAdministrator: Bool = false) async throws -> User {
        try await accounts.createUser(
            OwnerName(name),
            email: EmailAddress("\(name)@Example.org"),
            password: Self.password,
            isAdministrator: isAdministrator
        )
    }

    /// Creates an access token and returns its secret.
    func makeToken(
        _ name: String = "ci",
        for user: String,
        scopes: [Scope] = [.writePackage],
        lifetime: String? = nil
    ) async throws -> String {
        try await accounts.createToken(
            TokenName(name),
            for: accounts.user(OwnerName(user)),
            scopes: ScopeSet(scopes),
            lifetime: lifetime.map { try Lifetime($0) }
        ).secret.text
    }

    /// The name of the account that the credentials stand for; nil when they are refused.
    func accepts(_ credentials: Credentials) async throws -> String? {
        do {
            return try await authenticate(credentials).account?.name.text
        } catch let error as RegistryError where error.code == .unauthenticated {
            return nil
        }
    }

    /// The sentence with which credentials are refused; nil when they are accepted.
    func refusal(of credentials: Credentials) async throws -> String? {
        do {
            _ = try await authenticate(credentials)
            return nil
        } catch let error as RegistryError where error.code == .unauthenticated {
            let sentence = error.message
            return sentence
        }
    }
}
