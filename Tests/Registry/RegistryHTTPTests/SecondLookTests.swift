// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryCore
import RegistryHTTP
import RegistryService
import RegistryTestSupport
import Testing

@testable import RegistryServer

/// The second authorization, made when a slow body has arrived.
@Suite("Authorization after a body", .timeLimit(.minutes(15)))
struct SecondLookTests {
    @Test(
        "a right to change an organization that ended meanwhile is gone",
        arguments: [
            ("DELETE /api/v1/orgs/acme/members/alice", RegistryError.Code.forbidden),
            ("PATCH /api/v1/orgs/acme {\"visibility\": \"private\"}", nil),
            ("POST /api/v1/orgs/acme/rename {\"new_name\": \"other\"}", nil),
            ("DELETE /api/v1/orgs/acme", .notFound),
        ]
    )
    func again(_ change: String, _ refused: RegistryError.Code?) async throws {
        try await TestRegistry.run { registry in
            let admin = try await registry.admin()
            _ = try await registry.user("alice")
            let made = try await admin.post("/api/v1/orgs", #"{"username": "acme"}"#)
            #expect(made.status == 201, "\(made.text)")
            let teams = try await admin.get("/api/v1/orgs/acme/teams")
            let id = try #require(teams.text.firstMatch(of: #/"id":(\d+)/#)?.output.1, "\(teams.text)")
            #expect(try await admin.send(.put, "/api/v1/teams/\(id)/members/alice").status == 204)
            let account = try await registry.registry.accounts.user(OwnerName("alice"))
            let caller = Caller.account(account, token: nil)
            let authorize = registry.registry.services.authorize
            let seen = try await authorize.toManage(try OwnerName("acme"), by: caller)
            let parts = change.split(separator: " ", maxSplits: 2).map(String.init)
            let answer = try await admin.send(
                parts[0] == "DELETE" ? .delete : parts[0] == "POST" ? .post : .patch,
                parts[1],
                body: parts.count == 3 ? parts[2] : nil
            )
            #expect((200..<300).contains(answer.status), "\(answer.text)")
            do {
                let found = try await authorize.again(seen, by: caller)
                #expect(refused == nil && found.owner.id == seen.owner.id)
            } catch let error as RegistryError {
                #expect(error.code == refused)
            }
        }
    }
}
