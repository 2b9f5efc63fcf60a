// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryCore
import RegistryService
import RegistryStorage
import Testing

@testable import RegistryHTTP

@Suite("Answers to errors", .timeLimit(.minutes(15)))
struct ErrorResponseTests {
    struct Case: Sendable, CustomStringConvertible {
        let error: any Error
        let status: Int
        let code: String
        var isInternal = false

        var description: String { "\(error)" }
    }

    static let cases = [
        Case(error: RegistryError.invalid("text"), status: 400, code: "invalid"),
        Case(error: RegistryError.notFound("text"), status: 404, code: "not_found"),
        Case(error: RegistryError.alreadyExists("text"), status: 409, code: "already_exists"),
        Case(error: RegistryError.stillInUse("text"), status: 409, code: "still_in_use"),
        Case(error: InvalidField("Name", "text"), status: 422, code: "invalid"),
        Case(error: TooManySignIns(retryAfter: .milliseconds(1500)), status: 429, code: "rate_limited"),
        Case(error: RegistryError.versionExists("text"), status: 400, code: "version_exists"),
        Case(error: RegistryError.unauthenticated("text"), status: 401, code: "unauthenticated"),
        Case(error: RegistryError.forbidden("text"), status: 403, code: "forbidden"),
        Case(error: RegistryError.quotaExceeded("text"), status: 507, code: "quota_exceeded"),
        Case(error: RegistryError.tooLarge("text"), status: 413, code: "too_large"),
        Case(error: RegistryError.digestMismatch("text"), status: 400, code: "digest_mismatch"),
        Case(error: RegistryError.preconditionFailed("text"), status: 412, code: "precondition_failed"),
        Case(error: RegistryError.incompleteBody("text"), status: 400, code: "incomplete_body"),
        Case(error: RegistryError.timedOut("text"), status: 408, code: "timed_out"),
        Case(error: RegistryError.insufficientStorage("text"), status: 507, code: "insufficient_storage"),
        Case(error: RegistryError.unavailable("text"), status: 503, code: "unavailable"),
        Case(error: RegistryError.rateLimited("text"), status: 429, code: "rate_limited"),
        Case(error: InvalidName(.fileName, "..", rule: "it must be one"), status: 400, code: "invalid_name"),
        Case(error: ErrorResponse.rangeNotSatisfiable(size: 5), status: 416, code: "range_not_satisfiable"),
        Case(error: ErrorResponse.unknownPath, status: 404, code: "unknown_path"),
        Case(error: ErrorResponse.wrongMethod(use: [.get, .head]), status: 405, code: "method_not_allowed"),
        Case(error: CancellationError(), status: 503, code: "unavailable"),
        Case(error: BlobStoreError(.full, "/secret"), status: 507, code: "insufficient_storage", isInternal: true),
        Case(error: BlobStoreError(.readOnly, "/secret"), status: 503, code: "read_only", isInternal: true),
        Case(error: BlobStoreError(.missing, "/secret"), status: 503, code: "content_missing", isInternal: true),
        Case(error: BlobStoreError(.unavailable, "/secret"), status: 503, code: "unavailable", isInternal: true),
        Case(error: BlobStoreError(.other, "/secret"), status: 503, code: "unavailable", isInternal: true),
        Case(error: SQLError(.full, "/secret"), status: 507, code: "insufficient_storage", isInternal: true),
        Case(error: SQLError(.readOnly, "/secret"), status: 503, code: "read_only", isInternal: true),
        Case(error: SQLError(.unavailable, "/secret"), status: 503, code: "unavailable", isInternal: true),
        Case(error: SQLError(.outcomeUnknown, "/secret"), status: 503, code: "unavailable", isInternal: true),
        Case(error: SQLError(.conflict, "/secret"), status: 503, code: "unavailable", isInternal: true),
        Case(error: SQLError(.corrupt, "/secret"), status: 503, code: "unavailable", isInternal: true),
        Case(error: SQLError(.uniqueViolation, "/secret"), status: 500, code: "internal", isInternal: true),
        Case(error: SQLError(.foreignKeyViolation, "/secret"), status: 404, code: "not_found", isInternal: true),
        Case(error: SQLError(.unexpectedValue, "/secret"), status: 500, code: "internal", isInternal: true),
        Case(error: SQLError(.other, "/secret"), status: 500, code: "internal", isInternal: true),
    ]

    @Test("every error has its status, its code and a sentence that reveals nothing internal", arguments: cases)
    func mapping(_ example: Case) {
        let answer = ErrorResponse(example.error)
        #expect(answer.status.code == example.status)
        #expect(answer.code == example.code)
        #expect(answer.isInternal == example.isInternal)
        #expect(!answer.message.isEmpty)
        #expect(!answer.message.contains("/secret"))
        #expect(!answer.message.hasSuffix("."))
    }

    @Test("headers that a status demands are there, and no others")
    func headers() {
        for example in Self.cases {
            let headers = ErrorResponse(example.error).headers
            #expect((headers[.wwwAuthenticate] != nil) == (example.status == 401), "\(example)")
            #expect((headers[.allow] != nil) == (example.status == 405), "\(example)")
            let helpsToWait = ["unavailable", "rate_limited"].contains(example.code)
            #expect((headers[.retryAfter] != nil) == helpsToWait, "\(example)")
        }
        #expect(ErrorResponse(ErrorResponse.wrongMethod(use: [.get, .head])).headers[.allow] == "GET, HEAD")
    }

    @Test("some refusals have another status in Gitea's management interface, and all are Gitea's JSON")
    func gitea() {
        let cases: [(any Error, Int)] = [
            (RegistryError.alreadyExists("text"), 422), (RegistryError.stillInUse("text"), 422),
            (InvalidName(.owner, "..", rule: "it must be one"), 404), (RegistryError.invalid("text"), 400),
            (RegistryError.notFound("text"), 404), (RegistryError.tooLarge("text"), 413),
        ]
        for (error, status) in cases {
            let response = ErrorResponse(gitea: error).giteaResponse(PublicURL("https://x"))
            #expect(response.status.code == status, "\(error)")
            #expect(response.headers[.contentType] == "application/json;charset=utf-8")
        }
    }

    @Test(
        "the answer is plain text, or JSON for who asks for it",
        arguments: [nil, "application/json", "text/html, Application/JSON;q=0.5"]
    )
    func rendering(_ accept: String?) {
        var request = Request(method: .get, target: "/")
        request.headers[.accept] = accept
        let response = ErrorResponse(RegistryError.forbidden("text")).response(to: request, requestID: "r1")
        #expect(response.status == .forbidden)
        #expect(response.headers[.contentType] == (accept == nil ? "text/plain; charset=utf-8" : "application/json"))
        #expect((response.body.contentLength ?? 0) > 4)
        #expect(response.headers[.xContentTypeOptions] == "nosniff")
        #expect(response.headers[.cacheControl] == "no-store")
    }
}
