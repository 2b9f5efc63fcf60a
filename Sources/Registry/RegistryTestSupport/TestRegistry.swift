// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import HTTPServer
import Log
import Loops
package import RegistryCore
import RegistryHTTP
package import RegistryServer
import RegistryService

/// The real server, running in the test process on a free port.
package struct TestRegistry: Sendable {
    /// The password of the administrator.
    package static let password = "correct horse battery"

    package let registry: Registry
    /// The server's address, such as `http://127.0.0.1:40000`.
    package let url: String
    private let client: HTTPSession

    /// Runs a test against an empty registry, whose administrator is `admin`.
    ///
    /// Requests must not run statements that read whole tables; maintenance may.
    package static func run(
        on engines: EnginePair = .embedded,
        contract: PublishContract = .documented,
        limits: Limits = Limits(),
        hotTable: Bool = true,
        requiresSignIn: Bool = false,
        checksPlans: Bool = true,
        _ body: (TestRegistry) async throws -> Void
    ) async throws {
        try await engines.withDirectory { directory in
            let shutdown = Shutdown()
            let registry = try await Registry.open(
                in: try .prepare(directory + "/data"),
                engines: try engines.engines(of: directory),
                contract: contract,
                limits: limits,
                hotTable: hotTable,
                requiresSignIn: requiresSignIn,
                shutdown: shutdown,
                observing: { checksPlans ? PlanCheckingDatabase($0) : $0 }
            )
            _ = try await registry.accounts.ensureAdministrator(name: "admin", password: password)
            try await serve(registry, until: shutdown, body)
            try await registry.close()
        }
    }

    private static func serve(
        _ registry: Registry,
        until shutdown: Shutdown,
        _ body: (TestRegistry) async throws -> Void
    ) async throws {
        var log = Logger(label: "test")
        log.logLevel = .critical
        let responder = RegistryResponder(
            routes: RouteTable(Routes.all),
            services: registry.services,
            hotFiles: registry.hotFiles,
            log: log
        )
        let server = Server(.init(addresses: [.tcp(host: "127.0.0.1", port: 0)]), handler: responder)
        let ready = AsyncStream.makeStream(of: String.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { ready.continuation.finish() }
                _ = try await server.run(until: shutdown) { addresses in
                    ready.continuation.yield("http://\(addresses[0])")
                }
            }
            defer { shutdown.request() }
            for await url in ready.stream {
                registry.services.publicURL.listens(at: url)
                let client = try HTTPSession()
                try await body(TestRegistry(registry: registry, url: url, client: client))
                await client.shutDown()
                shutdown.request()
            }
            try await group.waitForAll()
        }
    }

    /// A caller without credentials.
    package var anonymous: TestCaller { TestCaller(url: url, client: client, authorization: nil) }

    /// Returns a caller that sends the given `Authorization`.
    package func caller(_ authorization: String) -> TestCaller {
        TestCaller(url: url, client: client, authorization: authorization)
    }

    /// Returns a caller that signs in with an access token.
    package func caller(token: String) -> TestCaller { caller("token \(token)") }

    /// Returns a caller that signs in with a user name and a password, which may be an access token.
    package func caller(_ name: String, password: String) -> TestCaller {
        caller("Basic \(Base64.encoded("\(name):\(password)".utf8))")
    }

    /// Returns the administrator, with a new access token for everything.
    package func admin() async throws -> TestCaller {
        let account = try await registry.accounts.user(OwnerName("admin"))
        return caller(token: try await makeToken(for: account))
    }

    /// Creates a user, and returns it with a new access token for everything.
    package func user(_ name: String, visibility: Visibility = .public) async throws -> TestCaller {
        let user = try await registry.accounts.createUser(
            OwnerName(name),
            email: EmailAddress("\(name)@example.org"),
            password: Self.password,
            visibility: visibility
        )
        return caller(token: try await makeToken(for: user.account))
    }

    /// Creates an access token with random name.
    package func makeToken(for account: Account, scopes: [Scope] = [.all]) async throws -> String {
        let name = try TokenName("t\(UploadID.random().text.prefix(12))")
        return try await registry.accounts.createToken(name, for: account, scopes: ScopeSet(scopes)).secret.text
    }
}
