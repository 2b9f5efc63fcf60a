// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI
import RegistryCore
import RegistryMetadata
import RegistryServer
import RegistryService
import RegistryTestSupport
import Testing

/// Every list of both interfaces, walked through in pages of any size.
@Suite("Pages of lists", .timeLimit(.minutes(15)))
struct ListPagesTests {
    /// A list, and the texts of its entries in their order.
    private struct List {
        let path: String
        /// The member of the response that has the entries; empty if the response is the list.
        let member: String
        let key: String
        let expected: [String]

        init(_ path: String, _ member: String = "", by key: String, _ expected: [String]) {
            self.path = path
            self.member = member
            self.key = key
            self.expected = expected
        }

        func entries(_ answer: TestAnswer) throws -> [String] {
            let value = try JSONValue(parsing: answer.text)
            let list = member.isEmpty ? value : value[member]
            return (list?.elements ?? []).compactMap { entry in
                key.split(separator: ".").reduce(entry as JSONValue?) { $0?[String($1)] }?.scalar
            }
        }

        func target(_ query: String) -> String { path + (path.contains("?") ? "&" : "?") + query }
    }

    /// More than two of the largest pages of the management interface, and more than one of the registry's.
    private static let many = 205

    private static func numbered(_ prefix: String, _ count: Int = many) -> [String] {
        (0..<count).map { prefix + String(1000 + $0).dropFirst() }
    }

    @Test("the registry's lists show every entry once and in order, in pages of any size")
    func keys() async throws {
        try await TestRegistry.run(contract: .current) { registry in
            let admin = try await registry.admin()
            for list in try await fillPackages(registry, admin) {
                for limit in [1, 2, 41, 50, 51, 200, 201, 1_000_000] {
                    let pages = try await walk(list, "limit=\(limit)", admin)
                    #expect(pages.flatMap { $0 } == list.expected, "\(list.path) in pages of \(limit)")
                    let size = min(limit, PageRequest.largestLimit)
                    #expect(pages.dropLast().allSatisfy { $0.count == size }, "\(list.path) in pages of \(limit)")
                    #expect(pages.last?.isEmpty == false, "\(list.path): no page is announced that is empty")
                }
                let usual = try list.entries(try await admin.get(list.path))
                #expect(usual == Array(list.expected.prefix(50)), "\(list.path): the usual page")
                let smallest = try list.entries(try await admin.get(list.target("limit=0")))
                #expect(smallest == Array(list.expected.prefix(1)), "\(list.path): the smallest page")
            }
        }
    }

    /// Follows the keys of the next pages to the end.
    private func walk(_ list: List, _ query: String, _ caller: TestCaller) async throws -> [[String]] {
        var pages: [[String]] = []
        var next = ""
        repeat {
            let answer = try await caller.get(list.target(query + next))
            try #require(answer.status == 200, "\(list.path): \(answer.text)")
            pages.append(try list.entries(answer))
            try #require(pages.count <= list.expected.count, "\(list.path) does not end")
            let key = try JSONValue(parsing: answer.text)["next"]?.scalar
            next = key.map { "&after=\(percentEncoded($0))" } ?? ""
        } while !next.isEmpty
        return pages
    }

    private func fillPackages(_ registry: TestRegistry, _ admin: TestCaller) async throws -> [List] {
        _ = try await registry.user("alice")
        let packages = Self.numbered("p-")
        let versions = (0..<Self.many).map { "1.0.\($0)" }
        var uploads: [String] = []
        for (package, version) in zip(packages, versions) {
            let file = "alice/generic/\(package)/1.0.0/a.bin"
            #expect(try await admin.put("/api/packages/\(file)", "same").status == 201)
            #expect(try await admin.put("/api/packages/alice/generic/tool/\(version)/a.bin", version).status == 201)
            let draft = "/api/granary/v1/releases/alice/\(package)/2.0.0/a.bin"
            #expect(try await admin.put(draft, "draft").status == 201)
            let upload = "/api/granary/v1/uploads/alice/\(package)/3.0.0/a.bin"
            let begun = try await admin.send(.post, upload, [.init(token: "Upload-Length"): "6"])
            #expect(begun.status == 201)
            uploads.append(try #require(try JSONValue(parsing: begun.text)["id"]?.scalar))
        }
        let same = try Digest.sha256(of: Array("same".utf8)).hex
        return [
            List("/api/granary/v1/packages/alice", "packages", by: "name", packages + ["tool"]),
            List("/api/granary/v1/packages/alice/tool", "versions", by: "version", versions.reversed()),
            List("/api/granary/v1/packages/alice/tool?sort=semver", "versions", by: "version", versions.reversed()),
            List("/api/granary/v1/search?q=p-", "packages", by: "name", packages),
            List("/api/granary/v1/search?sha256=\(same)", "files", by: "name", packages),
            List("/api/granary/v1/releases/alice", "drafts", by: "name", packages),
            List("/api/granary/v1/owners/alice/uploads", "uploads", by: "id", uploads.sorted()),
        ]
    }

    @Test("the lists of the management interface show every entry once and in order, in pages of any size")
    func numbers() async throws {
        try await TestRegistry.run(contract: .current) { registry in
            let account = try await registry.registry.accounts.user(OwnerName("admin"))
            let admin = registry.caller("admin", password: try await registry.makeToken(for: account))
            let (lists, founder) = try await fillAccounts(registry, admin)
            for list in lists {
                let caller = list.path.hasPrefix("/api/v1/user/") ? founder : admin
                for limit in [1, 2, 49, 50, 51, 1000] {
                    let size = min(limit, 50)
                    let pageCount = (list.expected.count + size - 1) / size
                    for number in 1...pageCount + 1 {
                        let answer = try await caller.get(list.target("page=\(number)&limit=\(limit)"))
                        let page = list.expected.dropFirst((number - 1) * size).prefix(size)
                        #expect(try list.entries(answer) == Array(page), "\(list.path): page \(number) of \(size)")
                        #expect(answer.headers[.init(token: "X-Total-Count")] == "\(list.expected.count)")
                        let links = answer.headers[.init(token: "Link")] ?? ""
                        #expect(links.contains("rel=\"next\"") == (number < pageCount), "\(list.path): \(links)")
                    }
                }
                let usual = try list.entries(try await caller.get(list.path))
                #expect(usual == Array(list.expected.prefix(30)), "\(list.path)")
            }
        }
    }

    /// Fills the lists through the stores, because users created through the interface have their passwords hashed.
    private func fillAccounts(_ registry: TestRegistry, _ admin: TestCaller) async throws -> ([List], TestCaller) {
        let metadata = registry.registry.metadata
        let founder = try await registry.user("founder")
        let account = try await registry.registry.accounts.user(OwnerName("founder"))
        let count = 103
        let (users, organizations) = (Self.numbered("u-", count), Self.numbered("org-", count))
        let (teams, tokens) = (Self.numbered("team-", count), Self.numbered("token-", count))
        let versions = (0..<count).map { "1.0.\($0)" }
        for organization in organizations {
            _ = try await metadata.organizations.createOrganization(
                OwnerName(organization),
                ownedBy: account.id,
                visibility: .public
            )
        }
        let first = try #require(try await metadata.organizations.organization(OwnerName(organizations[0])))
        var team: Int64 = 0
        for name in teams {
            let new = NewTeam(name: try TeamName(name), packages: .read)
            let outcome = try await metadata.organizations.createTeam(new, in: first.id)
            if case .created(let made) = outcome { team = made.id }
        }
        for name in users {
            let user = NewUser(
                name: try OwnerName(name),
                email: try EmailAddress("\(name)@example.org"),
                passwordHash: "",
                isAdministrator: false,
                visibility: .public
            )
            guard case .created(let made) = try await metadata.accounts.createUser(user) else { continue }
            _ = try await metadata.organizations.addMember(made.account.id, to: team)
        }
        let holder = try await registry.registry.accounts.user(OwnerName(users[0]))
        for name in tokens {
            _ = try await metadata.credentials.createToken(
                NewAccessToken(
                    account: holder.id,
                    name: try TokenName(name),
                    secretSHA256: try .sha256(of: Array(name.utf8)),
                    lastEight: "12345678",
                    scopes: ScopeSet([.all]),
                    lifetime: nil
                )
            )
        }
        for version in versions {
            #expect(try await admin.put("/api/packages/founder/generic/tool/\(version)/a.bin", version).status == 201)
        }
        let organization = "/api/v1/orgs/\(organizations[0])"
        let all = ["admin", "founder"] + users
        let lists = [
            List("/api/v1/admin/users", by: "login", all),
            List("/api/v1/users/search", "data", by: "login", all),
            List("/api/v1/users/search?q=u-", "data", by: "login", users),
            List("/api/v1/admin/orgs", by: "name", organizations),
            List("/api/v1/orgs", by: "name", organizations),
            List("/api/v1/user/orgs", by: "name", organizations),
            List("/api/v1/users/founder/orgs", by: "name", organizations),
            List("/api/v1/user/teams", by: "organization.name", organizations),
            List("\(organization)/teams", by: "name", ["Owners"] + teams),
            List("\(organization)/teams/search?q=team", "data", by: "name", teams),
            List("\(organization)/members", by: "login", ["founder"] + users),
            List("/api/v1/teams/\(team)/members", by: "login", users),
            List("/api/v1/users/\(users[0])/tokens", by: "name", tokens.reversed()),
            List("/api/v1/packages/founder", by: "version", versions.reversed()),
            List("/api/v1/packages/founder/generic/tool", by: "version", versions.reversed()),
        ]
        return (lists, founder)
    }
}
