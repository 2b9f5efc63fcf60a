// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryAPI
import RegistryCore
import RegistryService
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryHTTP
@testable import RegistryServer

/// Neither a recent download nor a remembered credential outlives the change that withdraws access.
@Suite("Withdrawn access", .timeLimit(.minutes(15)))
struct WithdrawnAccessTests {
    /// The owners, callers and teams of one case.
    private struct World {
        let admin: TestCaller
        var callers: [String: TestCaller] = [:]
        var teams: [String: String] = [:]

        /// Sends a request as the administrator; it must succeed.
        @discardableResult
        func ask(_ request: String) async throws -> JSONValue {
            let parts = request.split(separator: " ", maxSplits: 2).map(String.init)
            let path = teams.reduce(parts[1]) { $0.replacing("{\($1.key)}", with: $1.value) }
            let body = parts.count == 3 ? parts[2] : nil
            let answer = try await admin.send(HTTPRequest.Method(parts[0]), path, body: body)
            try #require((200..<300).contains(answer.status), "\(request): \(answer.status) \(answer.text)")
            return answer.headers[.contentType] == "application/json;charset=utf-8"
                ? try JSONValue(parsing: answer.text) : .null
        }
    }

    @Test("the next request after a change gets the new status", arguments: Withdrawal.all)
    func atOnce(_ withdrawal: Withdrawal) async throws {
        // The check that quarantines content reads all of it.
        try await TestRegistry.run(contract: .current, checksPlans: withdrawal.change != "fsck") { registry in
            let world = try await makeWorld(registry)
            let reader = try #require(world.callers[withdrawal.reader])
            for _ in 0..<2 { #expect(try await reader.get(withdrawal.path).status == 200) }
            let isDownload = withdrawal.path.hasPrefix("/api/packages/")
            try #require(isHot(withdrawal.path, registry) == isDownload, "the table answers downloads")
            if withdrawal.change == "fsck" {
                try await quarantine(registry)
            } else {
                try await world.ask(withdrawal.change)
            }
            let next = try await reader.send(HTTPRequest.Method(withdrawal.next), withdrawal.path)
            #expect(next.status == withdrawal.status, "\(next.text)")
            #expect(!isHot(withdrawal.path, registry))
        }
    }

    @Test("a change that withdraws nothing from a reader leaves it the download")
    func others() async throws {
        try await TestRegistry.run(contract: .current) { registry in
            let world = try await makeWorld(registry)
            let reader = try #require(world.callers["reader"])
            for change in ["DELETE \(Withdrawal.file)", "DELETE /api/v1/teams/{build}"] {
                for _ in 0..<2 { #expect(try await reader.get(Withdrawal.teamFile).status == 200) }
                try await world.ask(change)
            }
            let answer = try await reader.get(Withdrawal.teamFile)
            #expect(answer.status == 200 && answer.text == "content")
        }
    }

    /// Returns whether the table of recent downloads has a response to a path.
    private func isHot(_ path: String, _ registry: TestRegistry) -> Bool {
        let files = registry.registry.hotFiles
        guard let moment = files.trustedMoment else { return false }
        return unsafe Array(path.utf8).withUnsafeBytes { target in
            let hash = unsafe HotAnswer.hash(of: target)
            return unsafe files.answer(to: target, hash, at: moment) != nil
        }
    }

    /// Damages all content, and checks it as `granary admin fsck --repair` does.
    private func quarantine(_ registry: TestRegistry) async throws {
        let blobs = registry.registry.blobs
        try await withTemporaryDirectory { directory in
            let place = try StagingPlace(directory + "/place")
            for content in try await blobs.list(after: nil, limit: 100) {
                try await blobs.remove(content.key)
                try await blobs.commit(try place.stage(Array("damaged".utf8)), as: content.key)
            }
        }
        var options = CheckRegistry.Options()
        options.repairs = true
        let summary = try await registry.registry.checkRegistry.run(options) { _ in }
        try #require(summary.repaired > 0)
    }

    private func makeWorld(_ registry: TestRegistry) async throws -> World {
        let account = try await registry.registry.accounts.user(OwnerName("admin"))
        // A token in place of the password spares the cost of the password's hash.
        let token = try await registry.makeToken(for: account)
        var world = World(admin: registry.caller("admin", password: token))
        world.callers["anonymous"] = registry.anonymous
        for name in ["alice", "founder", "reader", "writer", "stranger", "helper"] {
            let members = #""email": "\#(name)@example.org", "password": "\#(TestRegistry.password)""#
            try await world.ask(
                #"POST /api/v1/admin/users {"username": "\#(name)", \#(members), "must_change_password": false}"#
            )
            let made = try await world.ask(
                #"POST /api/v1/users/\#(name)/tokens {"name": "main", "scopes": ["all"]}"#
            )
            world.callers[name] = registry.caller(token: try #require(made["sha1"]?.scalar))
            world.callers["\(name)/password"] = registry.caller(name, password: TestRegistry.password)
        }
        try await world.ask(#"PATCH /api/v1/admin/users/helper {"login_name": "", "admin": true}"#)
        for (name, visibility) in [("acme", "public"), ("vault", "private"), ("empty", "public")] {
            try await world.ask(
                #"POST /api/v1/admin/users/founder/orgs {"username": "\#(name)", "visibility": "\#(visibility)"}"#
            )
        }
        for (team, user, packages) in [("build", "writer", "write"), ("sales", "reader", "read")] {
            let made = try await world.ask(
                #"POST /api/v1/orgs/vault/teams {"name": "\#(team)", "units_map": {"repo.packages": "\#(packages)"}}"#
            )
            world.teams[team] = try #require(made["id"]?.scalar)
            try await world.ask("PUT /api/v1/teams/{\(team)}/members/\(user)")
        }
        for path in [Withdrawal.file, Withdrawal.teamFile, Withdrawal.publicTeamFile] {
            #expect(try await world.admin.put(path, "content").status == 201)
        }
        // Another file keeps the version when the first one is deleted.
        let other = Withdrawal.file.replacing("a.bin", with: "b.bin")
        #expect(try await world.admin.put(other, "other").status == 201)
        return world
    }
}
