// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPMessages
import RegistryAPI
import RegistryTestSupport
import Testing

/// A registry with every kind of owner and caller, created through the management interface.
struct TableWorld {
    /// The callers in the order of the tables' columns.
    static let callers = [
        "anonymous", "stranger", "restricted", "off", "fresh", "onlooker", "reader", "founder", "admin",
    ]
    /// The scopes of the tokens of `founder` and `admin`, in the order of the table's columns.
    static let scopes = [
        "all", "read:package", "write:package", "read:user", "write:user", "read:organization", "write:organization",
        "read:admin", "write:admin", "public-only,all", "read:misc",
    ]
    private static let people = [
        ("open", "public"), ("limited", "limited"), ("closed", "private"), ("stranger", "public"),
        ("restricted", "public"), ("off", "public"), ("fresh", "public"), ("onlooker", "public"),
        ("reader", "public"), ("writer", "public"), ("founder", "public"),
    ]
    private static let password = "acceptance-World-3391"

    let registry: TestRegistry
    private let admin: TestCaller
    /// The callers by name; `founder/read:package` is a token with one scope.
    private var callers: [String: TestCaller] = [:]
    /// The IDs of teams by organization and name, such as `acme/build`.
    private var teams: [String: String] = [:]

    init(_ registry: TestRegistry) async throws {
        self.registry = registry
        admin = registry.caller("admin", password: TestRegistry.password)
        callers["anonymous"] = registry.anonymous
        try await makeUsers()
        for owner in ["founder", "admin"] {
            for scopes in Self.scopes {
                let token = try await makeToken(owner, "scoped \(scopes)", scopes: scopes.split(separator: ","))
                callers["\(owner)/\(scopes)"] = registry.caller(token: token)
            }
        }
        for (name, visibility) in [("acme", "public"), ("members", "limited"), ("vault", "private")] {
            try await makeOrganization(name, visibility)
        }
        for owner in ["open", "limited", "closed", "acme", "members", "vault"] {
            for version in ["1.0.0-seed", "10.0.0", "9.0.0"] {
                let path = "/api/packages/\(owner)/generic/Tool/\(version)/Tool.bin"
                #expect(try await admin.put(path, "seed").status == 201)
            }
        }
        try await ask(.patch, "/admin/users/off", #"{"login_name": "", "active": false}"#)
    }

    /// Sends a request as a caller, with team IDs in place of `{team:acme/build}`.
    func send(
        _ caller: String,
        _ method: String,
        _ path: String,
        _ headers: HTTPFields = [:],
        body: String? = nil
    ) async throws -> TestAnswer {
        let found = try #require(callers[caller], "no caller \(caller)")
        return try await found.send(HTTPRequest.Method(method), fill(path), headers, body: body)
    }

    /// Replaces the placeholders of a row.
    func fill(_ path: String) -> String {
        teams.reduce(path) { $0.replacing("{team:\($1.key)}", with: $1.value) }
    }

    private mutating func makeUsers() async throws {
        for (name, visibility) in Self.people {
            let body = """
                {"username": "\(name)", "email": "\(name)@example.org", "password": "\(Self.password)",
                "visibility": "\(visibility)", "full_name": "\(name.capitalized) Full",
                "must_change_password": \(name == "fresh"), "restricted": \(name == "restricted")}
                """
            try await ask(.post, "/admin/users", body)
        }
        for name in Self.people.map(\.0) + ["admin"] {
            // A token in place of the password spares the cost of the password's hash.
            let token = try await makeToken(name, "all", scopes: ["all"])
            callers[name] = registry.caller(name, password: token)
        }
    }

    private mutating func makeOrganization(_ name: String, _ visibility: String) async throws {
        let body = """
            {"username": "\(name)", "visibility": "\(visibility)", "full_name": "\(name.capitalized) Inc.",
            "email": "\(name)@example.org", "description": "makes <things>", "website": "https://x.example",
            "location": "Here"}
            """
        try await ask(.post, "/admin/users/founder/orgs", body)
        for (team, user, packages) in [
            ("build", "writer", "write"), ("sales", "reader", "read"), ("guests", "onlooker", "none"),
        ] {
            let body = """
                {"name": "\(team)", "units_map": {"repo.packages": "\(packages)"}, "description": "the \(team) team"}
                """
            let id = try #require(try await ask(.post, "/orgs/\(name)/teams", body)["id"]?.scalar)
            try await ask(.put, "/teams/\(id)/members/\(user)")
            teams["\(name)/\(team)"] = id
        }
        let owners = try await ask(.get, "/orgs/\(name)/teams/search?q=OWN")
        teams["\(name)/Owners"] = owners["data"]?.elements.first?["id"]?.scalar
    }

    private func makeToken(_ user: String, _ name: String, scopes: [Substring]) async throws -> String {
        let list = scopes.map { "\"\($0)\"" }.joined(separator: ",")
        let made = try await ask(.post, "/users/\(user)/tokens", #"{"name": "\#(name)", "scopes": [\#(list)]}"#)
        return try #require(made["sha1"]?.scalar)
    }

    /// Sends a request to the management interface as the administrator; it must succeed.
    @discardableResult
    private func ask(_ method: HTTPRequest.Method, _ path: String, _ body: String? = nil) async throws -> JSONValue {
        let answer = try await admin.send(method, "/api/v1\(path)", body: body)
        try #require((200..<300).contains(answer.status), "\(method) \(path): \(answer.status) \(answer.text)")
        return answer.body.isEmpty ? .null : try JSONValue(parsing: answer.text)
    }
}
