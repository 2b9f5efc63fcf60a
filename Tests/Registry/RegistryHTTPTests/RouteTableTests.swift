// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryCore
import Testing

@testable import RegistryHTTP

@Suite("Routes", .timeLimit(.minutes(15)))
struct RouteTableTests {
    private let table = RouteTable(Routes.all)

    /// A match in words.
    private func match(_ method: HTTPRequest.Method, _ path: String) -> String {
        switch table.match(method, path) {
        case .found(let route, _): "\(route.method) \(route.endpoint)"
        case .otherMethods(let methods): "allow " + methods.map(\.rawValue).joined(separator: ", ")
        case .unknown: "unknown"
        }
    }

    static let matches: [(HTTPRequest.Method, String, String)] = [
        (.put, "/api/packages/a/generic/p/1.0.0/f", "PUT genericFile"),
        (.head, "/api/packages/a/generic/p/1.0.0/f", "GET genericFile"),
        (.get, "/api/packages/a/generic/p/1.0.0/f?x=/y/", "GET genericFile"),
        (.get, "//api/packages//a/generic/p/1.0.0/f/", "GET genericFile"),
        (.get, "/./api/packages/a/./generic/p/1.0.0/./f", "GET genericFile"),
        (.head, "/api/packages/a/generic/p/1.0.0/f/.?x", "GET genericFile"),
        (.put, "/api/packages/a/generic/p/1.0.0/.", "PUT genericFile"),
        (.put, "/api/packages/a/generic/p/1.0.0/./f", "unknown"),
        (.delete, "/api/packages/a/generic/p/./f", "DELETE genericFile"),
        (.get, "/api/packages/a/generic/p/1.0.0/../f", "unknown"),
        (.delete, "/api/packages/a/generic/p/1.0.0", "DELETE genericVersion"),
        (.post, "/api/packages/a/generic/p/1.0.0/f", "allow PUT, GET, HEAD, DELETE"),
        (.get, "/api/packages/a/generic/p/1.0.0", "allow DELETE"),
        (.delete, "/healthz", "allow GET, HEAD"),
        (.get, "/api/packages/a/generic/p/1.0.0/f/g", "unknown"),
        (.get, "/api/packages/a/npm/p/1.0.0/f", "unknown"),
        (.get, "/API/packages/a/generic/p/1.0.0/f", "unknown"),
        (.get, "/", "unknown"),
        (.get, "", "unknown"),
        (.get, "?", "unknown"),
        (.put, "/api/packages/a/generic/p%2Fq/1.0.0/f", "PUT genericFile"),
    ]

    @Test("a path finds its route, the methods it has, or nothing", arguments: matches)
    func matching(_ method: HTTPRequest.Method, _ path: String, _ expected: String) {
        #expect(match(method, path) == expected)
    }

    @Test("every endpoint has a route, and each route says what it does and how it answers")
    func complete() {
        let routes = Routes.all
        #expect(Set(routes.map(\.endpoint)) == Set(Endpoint.allCases))
        #expect(Set(routes.map { "\($0.method) \($0.endpoint)" }).count == routes.count)
        for route in routes {
            #expect(!route.document.summary.isEmpty && !route.document.answers.isEmpty, "\(route.endpoint)")
            #expect(route.method != .head, "a GET answers HEAD")
            guard route.endpoint.isGitea else { continue }
            #expect(route.access != .open, "\(route.endpoint)")
            // Nothing is changed by somebody who has not signed in.
            if case .anyone = route.access { #expect(route.method == .get, "\(route.endpoint)") }
            #expect(([.post, .patch].contains(route.method)) == (route.document.body != nil), "\(route.endpoint)")
        }
    }

    @Test("parameters are decoded exactly once")
    func decodedOnce() throws {
        let file = try PathParameters(["alice", "p%2Bq", "1.0.0%2Bb", "a%2541"]).file()
        #expect(file.owner.text == "alice")
        #expect(file.package.text == "p+q")
        #expect(file.version.text == "1.0.0+b")
        #expect(file.file.text == "a%41")
    }

    static let refused = ["a%2Fb", "a%2fb", "..", "%2e%2e", ".", "a%00", "a%0A", "%", "%4", "%zz", "%FF"]

    @Test("what is no name is refused, however it is spelled", arguments: refused)
    func refusedNames(_ segment: String) {
        #expect(throws: (any Error).self) { try PathParameters(["alice", "p", "1.0.0", segment[...]]).file() }
        #expect(throws: (any Error).self) { try PathParameters(["alice", segment[...], "1.0.0", "f"]).file() }
        #expect(throws: (any Error).self) { try PathParameters(["alice", "p", segment[...], "f"]).file() }
    }
}
