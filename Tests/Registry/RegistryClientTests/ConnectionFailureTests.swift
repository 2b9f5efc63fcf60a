// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPClient
import RegistryAPI
import RegistryCore
import Testing

@testable import RegistryClient

@Suite("Registries that cannot be reached or believed", .timeLimit(.minutes(15)))
struct ConnectionFailureTests {
    /// Asks a registry whose transport fails so, and gives back the error and how often it was asked.
    private func failure(_ code: HTTPClientError.Code) async throws -> (error: ClientError?, attempts: Int) {
        let registry = FakeRegistry(Array(repeating: .failure(HTTPClientError(code)), count: 10))
        let client = try registry.client("https://registry.test")
        let error = await #expect(throws: ClientError.self) { _ = try await client.account() }
        return (error, registry.requests.count)
    }

    @Test(
        "a server that is not believed is told in a sentence with an advice, and is not asked again",
        arguments: [
            (.notTrusted, "--ca-file or SSL_CERT_FILE"), (.expired, "check this machine's clock"),
            (.otherName, "check the address"),
            (.notTLS, "http://"), (.noAuthorities, "check SSL_CERT_FILE"),
        ] as [(HTTPClientError.TLSFailure, String)]
    )
    func notBelieved(failure reason: HTTPClientError.TLSFailure, advice: String) async throws {
        let (error, attempts) = try await failure(.tls(reason))
        let message = try #require(error?.message)
        #expect(message.hasPrefix("no connection to https://registry.test: "))
        #expect(message.contains(advice) && !message.contains("\n") && !message.hasSuffix("."))
        #expect(error?.code == .refused)
        #expect(attempts == 1)
    }

    @Test(
        "what may go away by itself is tried again",
        arguments: [
            .connect(.refused), .resolve, .timeout(.connect), .timeout(.stalled), .brokenOff, .tls(.other),
        ] as [HTTPClientError.Code]
    )
    func triedAgain(code: HTTPClientError.Code) async throws {
        let (error, attempts) = try await failure(code)
        #expect(error?.code == .unavailable)
        #expect(error?.message.hasSuffix("; check the address and the network") == true)
        #expect(attempts == RetryPolicy.standard.attempts)
    }

    @Test("what a proxy fails of is told of the proxy, and one that cannot be one is not tried again")
    func proxies() async throws {
        let (error, attempts) = try await failure(.proxy)
        #expect(error?.message.hasSuffix("; check the proxy's address and the network") == true)
        #expect(error?.code == .unavailable && attempts == RetryPolicy.standard.attempts)
        let (invalid, once) = try await failure(.invalidProxy)
        #expect(invalid?.code == .refused && once == 1)
    }

    @Test("a list that goes in a wide circle, or does not end, is left")
    func endlessLists() throws {
        var walk = PageWalk()
        for key in ["a", "b", "c"] { try walk.follow(key, after: 1) }
        let circle = #expect(throws: ClientError.self) { try walk.follow("b", after: 1) }
        #expect(circle?.message.contains("twice") == true)
        var endless = PageWalk()
        for number in 1..<PageWalk.mostPages { try endless.follow("\(number)", after: 1) }
        let error = #expect(throws: ClientError.self) { try endless.follow("last", after: 1) }
        #expect(error?.message.contains("\(PageWalk.mostPages) pages") == true)
        var large = PageWalk()
        for number in 1..<8 { try large.follow("\(number)", after: PageWalk.mostBytes / 8) }
        let tooLarge = #expect(throws: ClientError.self) { try large.follow("8", after: PageWalk.mostBytes / 8) }
        #expect(tooLarge?.message.contains("8 pages with \(PageWalk.mostBytes >> 20) MiB") == true)
    }

    @Test("a document that is too large, and one that trickles for too long, are given up")
    func endlessDocuments() async throws {
        let large = FakeRegistry([.endless(piece: [UInt8](repeating: 0x20, count: 1 << 20))])
        let client = try large.client()
        let error = await #expect(throws: ClientError.self) { _ = try await client.account() }
        #expect(error?.message.contains("larger than") == true)
        // Asked once: it would take as long again.
        let slow = FakeRegistry([.endless(piece: [0x20])])
        let impatient = try slow.client(timeouts: Timeouts(connect: .zero, idle: .zero, answer: .zero))
        let other = await #expect(throws: ClientError.self) { _ = try await impatient.account() }
        #expect(other?.message.contains("did not complete in time") == true)
    }

    @Test("a registry that nobody serves is told so by a real connection")
    func nobody() async throws {
        let server = try ServerURL("http://127.0.0.1:1")
        let retry = RetryPolicy(attempts: 1, firstDelay: .zero, longestDelay: .zero)
        let error = await #expect(throws: ClientError.self) {
            try await RemoteRegistry.withClient(of: server, token: nil, retry: retry) { _ = try await $0.account() }
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("connection refused") == true)
    }
}
