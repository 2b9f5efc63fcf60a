// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryTestSupport
import Testing

/// `X-HTTP-Method-Override` is for the pieces of uploads alone (tus 1.0.0): a client that may only POST must not delete with it.
@Suite("Overridden methods", .timeLimit(.minutes(15)))
struct MethodOverrideTests {
    private static let override = HTTPField.Name(token: "X-HTTP-Method-Override")
    private static let upload = "/api/granary/v1/uploads/admin/tool/1.0.0/resumed"

    @Test(
        "a POST elsewhere keeps its method",
        arguments: [
            ("/api/packages/admin/generic/tool/1.0.0/file", "DELETE", 405),
            ("/api/packages/admin/generic/tool/1.0.0/file", "PUT", 405),
            ("/api/v1/admin/users/admin", "DELETE", 405),
            ("/api/v1/orgs", "GET", 422),
        ]
    )
    func elsewhere(_ path: String, _ method: String, _ status: Int) async throws {
        try await TestRegistry.run { registry in
            let admin = try await registry.admin()
            #expect(try await admin.put("/api/packages/admin/generic/tool/1.0.0/file", "content").status == 201)
            let answer = try await admin.post(path, "{}", [Self.override: method])
            #expect(answer.status == status, "\(answer.text)")
            #expect(try await admin.get("/api/packages/admin/generic/tool/1.0.0/file").text == "content")
        }
    }

    @Test("a POST to an upload is the method that it names", arguments: [("PATCH", 204), ("TRACE", 405)])
    func upload(_ method: String, _ status: Int) async throws {
        try await TestRegistry.run { registry in
            let admin = try await registry.admin()
            let begun = try await admin.post(Self.upload, "", [HTTPField.Name(token: "Upload-Length"): "3"])
            let location = try #require(begun.headers[.location], "\(begun.text)")
            let headers: HTTPFields = [
                Self.override: method, HTTPField.Name(token: "Upload-Offset"): "0",
                .contentType: "application/offset+octet-stream",
            ]
            let path = String(location.trimmingPrefix(#/https?://[^/]+/#))
            let answer = try await admin.post(path, "ab", headers)
            #expect(answer.status == status, "\(answer.text)")
        }
    }
}
