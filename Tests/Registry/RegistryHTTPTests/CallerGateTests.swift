// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI
import RegistryTestSupport
import Testing

@testable import RegistryHTTP

/// What is decided about a caller before a handler runs; the tables have the rest.
@Suite("The gate in front of the handlers", .timeLimit(.minutes(15)))
struct CallerGateTests {
    private static let file = "/api/packages/alice/generic/tool/1.0.0/a.bin"

    @Test("a registry that requires sign-in refuses everybody else on every route, except the open ones")
    func closedRegistry() async throws {
        try await TestRegistry.run(requiresSignIn: true) { registry in
            var openCount = 0
            for route in Routes.all {
                let path = route.endpoint.template.replacing(#/\{[a-z_]+\}/#, with: "1")
                let hasBody = route.method == .put || route.method == .post || route.method == .patch
                let answer = try await registry.anonymous.send(route.method, path, body: hasBody ? "{}" : nil)
                let isOpen = route.access == .open
                openCount += isOpen ? 1 : 0
                #expect((answer.status != 401) == isOpen, "\(route.method) \(path): \(answer.status)")
            }
            #expect(openCount > 0)
        }
    }

    @Test("in a registry that requires sign-in a recent download is for those who have signed in")
    func closedDownload() async throws {
        try await TestRegistry.run(requiresSignIn: true) { registry in
            let alice = try await registry.user("alice")
            let bob = try await registry.user("bob")
            #expect(try await alice.put(Self.file, "content").status == 201)
            for _ in 0..<3 {
                #expect(try await alice.get(Self.file).text == "content")
                #expect(try await registry.anonymous.get(Self.file).status == 401)
            }
            #expect(try await bob.get(Self.file).status == 200)
        }
    }

    @Test("sudo is for the management interface only")
    func impersonation() async throws {
        try await TestRegistry.run { registry in
            _ = try await registry.user("alice")
            let admin = try await registry.admin()
            let sudo: HTTPFields = [.init(token: "Sudo"): "alice"]
            let managed = try await admin.get("/api/v1/user", sudo)
            #expect(try JSONValue(parsing: managed.text)["login"]?.scalar == "alice")
            let ignored: [(String, HTTPFields)] = [
                ("/api/granary/v1/user?sudo=alice", [:]), ("/api/granary/v1/user", sudo),
            ]
            for (path, headers) in ignored {
                let own = try await admin.get(path, headers)
                #expect(try JSONValue(parsing: own.text)["login"]?.scalar == "admin", "\(path)")
            }
        }
    }

    @Test("credentials that are wrong are refused even where none are needed, and an open route does not look at them")
    func wrongCredentials() async throws {
        try await TestRegistry.run { registry in
            let alice = try await registry.user("alice")
            #expect(try await alice.put(Self.file, "content").status == 201)
            let wrong = registry.caller(token: "grn_" + String(repeating: "0", count: 64))
            for _ in 0..<2 { #expect(try await registry.anonymous.get(Self.file).status == 200) }
            #expect(try await wrong.get(Self.file).status == 401)
            #expect(try await wrong.get("/healthz").status == 200)
        }
    }
}
