// SPDX-License-Identifier: Apache-2.0

import PostgresDriver
import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryHTTP
@testable import RegistryServer
@testable import RegistryService

/// What one node changes takes effect on the others.
@Suite("Invalidation between nodes", .enabled(if: TestPostgres.given != nil), .timeLimit(.minutes(15)))
struct InvalidationTests {
    private static let credentials = Credentials.basic(user: "alice", password: "correct horse battery")

    /// Runs a test with two nodes on one database, each with a user `alice`.
    private func run(_ body: (_ one: Registry, _ two: Registry) async throws -> Void) async throws {
        try await #require(TestPostgres.given).withDatabase { address in
            let engines = Engines(database: .postgres(address, connections: 2))
            try await withTemporaryDirectory { parent in
                let one = try await Registry.open(in: try .prepare(parent + "/one"), engines: engines)
                let two = try await Registry.open(in: try .prepare(parent + "/two"), engines: engines)
                try await one.accounts.createUser(
                    OwnerName("alice"),
                    email: EmailAddress("alice@example.org"),
                    password: "correct horse battery"
                )
                try await body(one, two)
                try await one.close()
                try await two.close()
            }
        }
    }

    /// Lets a node hear the others while something is done.
    private func hearing(_ registry: Registry, _ body: () async throws -> Void) async throws {
        let hearing = try #require(registry.hearing())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await hearing() }
            defer { group.cancelAll() }
            try await condition("the node hears the others") { registry.invalidation.cache.trustedGeneration != nil }
            try await body()
        }
    }

    /// Signs in until it is remembered: a node under load may not hear the others for a moment.
    private func remember(_ credentials: Credentials, on registry: Registry) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        while registry.authenticate.remembered(credentials) == nil {
            try #require(ContinuousClock.now < deadline, "the credential is not remembered")
            _ = try await registry.authenticate(credentials)
        }
    }

    /// Waits until something holds, for at most the second that is promised.
    private func condition(_ comment: Comment, within limit: Duration = .seconds(60), _ holds: () -> Bool) async throws
    {
        let deadline = ContinuousClock.now.advanced(by: limit)
        while !holds() {
            try #require(ContinuousClock.now < deadline, comment)
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    @Test("another node's change of a password, a token or an account ends what was remembered of it, within a second")
    func credentials() async throws {
        try await run { one, two in
            try await hearing(two) {
                let alice = try await one.accounts.user(OwnerName("alice"))
                for change in [UserChange(), UserChange()] {
                    try await remember(Self.credentials, on: two)
                    try await one.accounts.updateUser(alice, change)
                    try await condition("the credential is forgotten", within: .seconds(1)) {
                        two.authenticate.remembered(Self.credentials) == nil
                    }
                }
                let token = try await one.accounts.createToken(
                    TokenName("ci"),
                    for: alice,
                    scopes: ScopeSet([.writePackage])
                )
                let credentials = Credentials.token(token.secret.text)
                try await remember(credentials, on: two)
                try await one.accounts.deleteToken(TokenName("ci"), of: alice)
                try await condition("the token is forgotten", within: .seconds(1)) {
                    two.authenticate.remembered(credentials) == nil
                }
            }
        }
    }

    @Test("another node's delete drops the hot answers, within a second")
    func deletes() async throws {
        try await run { one, two in
            try await hearing(two) {
                let user = try #require(try await one.metadata.accounts.user(OwnerName("alice")))
                let file = FileCoordinate(
                    owner: try OwnerName("alice"),
                    package: try PackageName("tool"),
                    version: try PackageVersion("1.0.0"),
                    file: try FileName("tool.bin")
                )
                let sha256 = try Digest.sha256(of: [1])
                let record = NewFile(
                    coordinate: file,
                    owner: user.account.id,
                    creator: user.account.id,
                    sha256: sha256,
                    sizeInBytes: 1,
                    key: BlobKey(sha256: sha256, upload: .random()),
                    healing: nil,
                    mayJoinVersion: false
                )
                _ = try await one.metadata.publishing.recordUpload(record)
                let before = two.hotFiles.now
                let owner = try #require(try await one.metadata.accounts.owner(OwnerName("alice"), seenBy: nil)).owner
                try await one.services.deletePackages.file(file, owner: owner)
                try await condition("the table is dropped", within: .seconds(1)) { two.hotFiles.now != before }
            }
        }
    }

    @Test("a node that does not hear the others trusts nothing that it remembers")
    func deaf() async throws {
        try await run { _, two in
            _ = try await two.authenticate(Self.credentials)
            #expect(two.authenticate.remembered(Self.credentials) == nil, "nobody told it yet that it is current")
            try await hearing(two) {
                try await remember(Self.credentials, on: two)
            }
            try await condition("it trusts nothing any more", within: .seconds(1)) {
                two.authenticate.remembered(Self.credentials) == nil
            }
        }
    }
}
