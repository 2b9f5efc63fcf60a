// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPMessages
import RegistryAPI
import RegistryTestSupport
import Testing

/// The management interface by its tables, through every handler and over real connections.
@Suite("The management interface", .timeLimit(.minutes(15)))
struct APITableTests {
    private static let shapes = [
        "USER":
            "id,login,login_name,source_id,full_name,email,avatar_url,html_url,language,is_admin,last_login,created,"
            + "restricted,active,prohibit_login,location,website,description,visibility,followers_count,"
            + "following_count,starred_repos_count,username",
        "ORG":
            "id,name,full_name,email,avatar_url,description,website,location,visibility,"
            + "repo_admin_change_team_access,username",
        "TEAM":
            "id,name,description,organization,includes_all_repositories,permission,units,units_map,"
            + "can_create_org_repo,visibility",
        "PACKAGE": "id,owner,repository,creator,type,name,version,html_url,created_at",
        "FILE": "id,Size,size,name,md5,sha1,sha256,sha512",
        "TOKEN": "id,name,sha1,token_last_eight,scopes,created_at,last_used_at",
        "SETTINGS": "full_name,website,description,location,language,theme,diff_view_style,hide_email,hide_activity",
    ]

    @Test("every caller, scope and request gets the response of the tables", arguments: EnginePair.available)
    func tables(_ engines: EnginePair) async throws {
        try await TestRegistry.run(on: engines) { registry in
            let world = try await TableWorld(registry)
            try await checkAccess(world)
            try await checkScopes(world)
            try await checkCases(world)
            try await checkHostileBodies(world)
        }
    }

    private func checkAccess(_ world: TableWorld) async throws {
        for row in try Table.apiAccess.rows() {
            var words = row.words
            let body = words[2].hasPrefix("{") ? words.remove(at: 2) : nil
            try #require(words.count == 2 + TableWorld.callers.count, "\(row)")
            for (caller, status) in zip(TableWorld.callers, words.dropFirst(2)) where status != "-" {
                try await checkStatus(world, caller, words[0], words[1], body, status)
            }
        }
    }

    private func checkScopes(_ world: TableWorld) async throws {
        for row in try Table.apiScopes.rows() {
            var words = row.words
            let body = words[3].hasPrefix("{") ? words.remove(at: 3) : nil
            try #require(words.count == 3 + TableWorld.scopes.count, "\(row)")
            for (scopes, status) in zip(TableWorld.scopes, words.dropFirst(3)) {
                try await checkStatus(world, "\(words[0])/\(scopes)", words[1], words[2], body, status)
            }
        }
    }

    /// Checks a status and the form of errors, and that HEAD is GET without its body.
    private func checkStatus(
        _ world: TableWorld,
        _ caller: String,
        _ method: String,
        _ path: String,
        _ body: String?,
        _ expected: String
    ) async throws {
        let answer = try await world.send(caller, method, "/api/v1\(path)", body: body)
        let comment: Comment = "\(caller): \(method) \(path): \(answer.status) \(answer.text.prefix(200))"
        #expect(String(answer.status) == expected, comment)
        if answer.status >= 400 { #expect(try differences(answer, "{message,url}").isEmpty, comment) }
        if answer.status == 401 { #expect(answer.headers.contains(.wwwAuthenticate), comment) }
        guard method == "GET" else { return }
        let head = try await world.send(caller, "HEAD", "/api/v1\(path)")
        #expect(TableDifferences.head(head, of: answer) == [], comment)
    }

    private func checkCases(_ world: TableWorld) async throws {
        for row in try Table.apiCases.rows() {
            let cells = row.cells
            let request = cells[1].words
            let body = cells[2] == "-" ? nil : cells[2]
            let answer = try await world.send(cells[0], request[0], "/api/v1\(request[1])", body: body)
            guard String(answer.status) == cells[3] else {
                Issue.record("\(row)\n    is \(answer.status) \(answer.text.prefix(300))")
                continue
            }
            let headers = cells.count > 5 ? TableDifferences.headers(answer, cells[5]) : []
            let problems = try headers + differences(answer, cells[4])
            #expect(problems == [], "\(row)")
        }
    }

    /// Whatever a member contains, a changing request ends in a response of the 2xx or 4xx kind.
    private func checkHostileBodies(_ world: TableWorld) async throws {
        let names = [
            "username", "email", "full_name", "description", "website", "location", "visibility", "password", "name",
            "login_name", "new_name", "new_username", "permission", "units", "units_map", "scopes", "hide_email",
        ]
        let values = [
            "null", "1", "1.5", "-1e300", "[]", "[null]", "{}", #"{"repo.packages": null}"#, #""\u0000""#,
            #""\u202e""#, "\"\(String(repeating: "x", count: 70_000))\"", #""\ud800""#,
        ]
        let requests = [
            "POST /admin/users", "PATCH /admin/users/open", "POST /admin/users/open/rename", "POST /orgs",
            "PATCH /orgs/acme", "POST /orgs/acme/rename", "POST /orgs/acme/teams", "PATCH /teams/{team:acme/guests}",
            "POST /users/founder/tokens", "PATCH /user/settings",
        ]
        let valid = [("username", "zoe"), ("email", "zoe@example.org"), ("login_name", ""), ("name", "x")]
        for request in requests.map(\.words) {
            for name in names {
                for value in values {
                    let members = valid.filter { $0.0 != name }.map { "\"\($0.0)\": \"\($0.1)\"" }
                    let body = "{\((members + ["\"\(name)\": \(value)"]).joined(separator: ", "))}"
                    let answer = try await world.send("admin", request[0], "/api/v1\(request[1])", body: body)
                    #expect(
                        (200..<500).contains(answer.status) && answer.status != 429,
                        "\(request) \(name)=\(value.prefix(20)): \(answer.status) \(answer.text.prefix(200))"
                    )
                }
            }
        }
    }

    private func differences(_ answer: TestAnswer, _ shape: String) throws -> [String] {
        if shape == "-" { return answer.body.isEmpty ? [] : ["the body is \(answer.text.prefix(200))"] }
        var problems: [String] = []
        let type = answer.headers[.contentType]
        let isDocument = answer.text.hasSuffix("}\n") || answer.text.hasSuffix("]\n")
        if type != "application/json;charset=utf-8" || !isDocument {
            problems.append("not Gitea's JSON: \(type ?? "no type"), \(answer.text.suffix(20))")
        }
        let value = try JSONValue(parsing: answer.text)
        if shape.hasPrefix("~") {
            let message = value["message"]?.scalar ?? ""
            let isExpected = value.names == ["message", "url"] && message.contains(shape.dropFirst(2))
            return problems + (isExpected ? [] : ["the error is \(answer.text)"])
        }
        if shape == "[]" { return problems + (value == .array([]) ? [] : ["the list is \(answer.text.prefix(200))"]) }
        guard shape.hasPrefix("[") else { return problems + TableDifferences.members(value, members(shape)) }
        if value.elements.isEmpty { problems.append("the list is empty") }
        let each = members(String(shape.dropFirst().dropLast()))
        return problems + value.elements.flatMap { TableDifferences.members($0, each) }.prefix(3)
    }

    private func members(_ shape: String) -> String {
        Self.shapes[shape] ?? shape.trimmingCharacters(in: ["{", "}"])
    }
}
