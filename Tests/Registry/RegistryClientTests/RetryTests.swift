// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@testable import RegistryClient

@Suite("Retries", .timeLimit(.minutes(15)))
struct RetryTests {
    private let policy = RetryPolicy(attempts: 5, firstDelay: .seconds(1), longestDelay: .seconds(5))

    @Test("waits double up to the longest, and a half of each is spread by the jitter")
    func backOff() {
        let shortest = (1...4).map { policy.delay(afterAttempt: $0, retryAfter: nil, jitter: 0) }
        let longest = (1...4).map { policy.delay(afterAttempt: $0, retryAfter: nil, jitter: 1) }
        #expect(shortest == [.milliseconds(500), .seconds(1), .seconds(2), .milliseconds(2500)])
        #expect(longest == [.seconds(1), .seconds(2), .seconds(4), .seconds(5)])
    }

    @Test("the last attempt is the last")
    func lastAttempt() {
        #expect(policy.delay(afterAttempt: 5, retryAfter: nil, jitter: 0) == nil)
        #expect(policy.delay(afterAttempt: 5, retryAfter: .seconds(1), jitter: 0) == nil)
    }

    @Test("a server's Retry-After is honoured, unless it asks for too much")
    func serverSays() {
        #expect(policy.delay(afterAttempt: 1, retryAfter: .seconds(3), jitter: 0) == .seconds(3))
        #expect(policy.delay(afterAttempt: 1, retryAfter: .seconds(6), jitter: 0) == nil)
    }

    @Test(
        "Retry-After is a number of seconds or a date",
        arguments: [
            ("7", .seconds(7)), ("0", .zero), ("Fri, 02 Jan 2026 03:04:15 GMT", .seconds(10)),
            ("Fri, 02 Jan 2026 03:04:00 GMT", .zero), ("-1", nil), ("soon", nil), (nil, nil),
        ] as [(String?, Duration?)]
    )
    func retryAfterHeader(header: String?, expected: Duration?) throws {
        let now = try #require(Timestamp(httpDate: "Fri, 02 Jan 2026 03:04:05 GMT"))
        #expect(retryAfter(header, now: now) == expected)
    }

    private func refusal(_ status: Int, _ body: String, type: String = "text/plain", location: String? = nil) -> Refusal
    {
        Refusal(status: status, contentType: type, location: location, body: body, retryAfter: nil)
    }

    @Test(
        "a status becomes a kind of failure",
        arguments: [
            (401, .unauthenticated), (403, .forbidden), (404, .notFound), (409, .conflict), (412, .conflict),
            (408, .unavailable), (429, .unavailable), (502, .unavailable), (503, .unavailable), (504, .unavailable),
            (400, .refused), (413, .bodyTooLarge), (500, .refused), (507, .refused),
        ] as [(Int, ClientError.Code)]
    )
    func statuses(status: Int, code: ClientError.Code) {
        #expect(refusal(status, "no").error(method: "GET", url: "u", isSignedIn: true).code == code)
    }

    @Test("a body that the registry itself finds too large is not sent in pieces")
    func tooLargeForTheRegistry() {
        let record = #"{"error":"too_large","message":"larger than limits.file-size","request_id":"1"}"#
        let error = refusal(413, record, type: "application/json").error(method: "PUT", url: "u", isSignedIn: true)
        #expect((error.code, error.message) == (.refused, "larger than limits.file-size"))
    }

    @Test("a refusal is told in the server's words")
    func serverWords() {
        let json = #"{"error":"version_exists","message":"it exists","request_id":"1"}"#
        let error = refusal(400, json, type: "application/json").error(method: "PUT", url: "u", isSignedIn: true)
        #expect(error == ClientError(.conflict, "it exists"))
        let text = refusal(403, "you may\nread only").error(method: "PUT", url: "u", isSignedIn: true)
        #expect(text.message == "you may read only")
        let page = refusal(403, "<html>", type: "text/html").error(method: "PUT", url: "u", isSignedIn: true)
        #expect(page.message == "PUT u failed with status 403")
    }

    @Test("a redirect is told without its query, which may be a credential")
    func redirect() {
        let refusal = refusal(302, "", location: "https://s3.example.com/x?signature=secret")
        let error = refusal.error(method: "GET", url: "u", isSignedIn: true)
        #expect(error.message.contains("s3.example.com/x") && !error.message.contains("secret"))
    }
}
