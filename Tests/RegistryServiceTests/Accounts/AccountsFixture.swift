// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOPosix
import RegistryCore
import RegistryMetadata
import SQLiteDriver
import Synchronization

@testable import RegistryService

/// Accounts on a database of their own, with a clock that stands still until it is moved.
struct AccountsFixture: Sendable {
    /// A time that only tests move.
    final class Clock: Sendable {
        private let time = Mutex(Timestamp(microseconds: 1_800_000_000_000_000))

        func now() -> Timestamp { time.withLock { $0 } }

        func advance(by duration: Duration) { time.withLock { $0 = $0.adding(duration) } }
    }

    static let password = "correct horse"

    let directory: String
    let clock: Clock
    let metadata: MetadataStore
    let accounts: Accounts
    let authenticate: Authenticate

    /// Runs a test with cheap passwords, unless it asks for the real cost, and removes all files afterwards.
    static func run(
        cost: PasswordHash.Cost = PasswordHash.Cost(rounds: 16, blockSize: 8, parallelism: 1),
        _ body: (AccountsFixture) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "granary-\(UUID())")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let pool = NIOThreadPool(numberOfThreads: 2)
        pool.start()
        do {
            let fixture = try await AccountsFixture(directory: directory.path(), pool: pool, cost: cost)
            try await body(fixture)
            try await fixture.metadata.close()
        } catch {
            try await pool.shutdownGracefully()
            try? FileManager.default.removeItem(at: directory)
            throw error
        }
        try await pool.shutdownGracefully()
        try FileManager.default.removeItem(at: directory)
    }

    private init(directory: String, pool: NIOThreadPool, cost: PasswordHash.Cost) async throws {
        let clock = Clock()
        let database = try SQLiteDatabase(path: directory + "/granary.db", readers: 4, clock: clock.now)
        let hasher = PasswordHasher(pool: pool, cost: cost)
        let cache = CredentialCache(now: clock.now)
        self.directory = directory
        self.clock = clock
        metadata = MetadataStore(database: database)
        accounts = Accounts(metadata: metadata, hasher: hasher, cache: cache)
        authenticate = Authenticate(metadata: metadata, hasher: hasher, cache: cache)
        try await metadata.migrate(holder: "test") {}
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
            for: OwnerName(user),
            scopes: ScopeSet(scopes),
            lifetime: lifetime.map { try Lifetime($0) }
        ).secret.text
    }

    /// The name of the account that the credentials stand for; nil when they are refused.
    func accepts(_ credentials: Credentials) async throws -> String? {
        do {
            return try await authenticate(credentials).account?.name.text
        } catch RegistryError.unauthenticated {
            return nil
        }
    }

    /// The sentence with which credentials are refused; nil when they are accepted.
    func refusal(of credentials: Credentials) async throws -> String? {
        do {
            _ = try await authenticate(credentials)
            return nil
        } catch RegistryError.unauthenticated(let sentence) {
            return sentence
        }
    }
}
