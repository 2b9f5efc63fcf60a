// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPMessages
import Testing

@testable import HTTPClient

/// Each test has a process of its own, because the environment is the whole process's.
@Suite("Proxies", .timeLimit(.minutes(15)))
struct ProxyTests {
    private struct Unexpected: Error {}

    private static func expect(_ isTrue: Bool) throws { if !isTrue { throw Unexpected() } }

    /// Sets the environment to these variables for proxies alone, and makes a client that reads it.
    private static func client(_ variables: [String: String], _ proxy: HTTPClientConfiguration.Proxy = .environment)
        throws -> HTTPSession
    {
        for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"] {
            unsetenv(name)
            unsetenv(name.uppercased())
        }
        for (name, value) in variables { setenv(name, value, 1) }
        var configuration = HTTPClientConfiguration()
        configuration.proxy = proxy
        configuration.authorities = .file(try TestIdentity.authority.get().certificate)
        return try HTTPSession(configuration)
    }

    /// The status of a request.
    private static func get(_ url: String, _ client: HTTPSession) async throws -> Int {
        try await client.execute(HTTPClientRequest(url: url)).status.code
    }

    @Test(
        "plain requests go to http_proxy in lower case or to ALL_PROXY, and not to what any client can set by a field"
    )
    func plain() async {
        await #expect(processExitsWith: .success) {
            try await TestProxy.run { proxy, seen in
                for name in ["http_proxy", "all_proxy", "ALL_PROXY"] {
                    try Self.expect(try await Self.get("http://a.test/x?y", Self.client([name: proxy.url])) == 203)
                }
                try Self.expect(seen.all == Array(repeating: "GET http://a.test/x?y HTTP/1.1", count: 3))
                try await TestServer.run { peer in
                    _ = try peer.readHead()
                    try peer.answer(200)
                } _: { server in
                    let status = try await Self.get(server.url, Self.client(["HTTP_PROXY": proxy.url]))
                    try Self.expect(status == 200)
                }
            }
        }
    }

    @Test("requests over TLS go through a tunnel of https_proxy or HTTPS_PROXY, and end at the server")
    func tunnel() async {
        await #expect(processExitsWith: .success) {
            try await TestProxy.run { proxy, seen in
                try await TestServer.run(identity: try .make(names: "DNS:localhost")) { peer in
                    while true {
                        let head = try peer.readHead()
                        try peer.answer(head.target == "/x" ? 200 : 404)
                    }
                } _: { server in
                    for name in ["https_proxy", "HTTPS_PROXY"] {
                        let client = try Self.client([name: proxy.url])
                        let response = try await client.execute(
                            HTTPClientRequest(url: "https://localhost:\(server.port)/x")
                        )
                        try Self.expect(response.status == .ok)
                        try Self.expect(response.headers.map(\.name.rawName) == ["Content-Length"])
                    }
                    let line = "CONNECT localhost:\(server.port) HTTP/1.1"
                    try Self.expect(seen.all == [line, line])
                }
            }
        }
    }

    @Test("what NO_PROXY names is asked itself, and so is everything by a client that uses no proxies")
    func without() async {
        await #expect(processExitsWith: .success) {
            try await TestProxy.run { proxy, seen in
                try await TestServer.run { peer in
                    _ = try peer.readHead()
                    try peer.answer(200)
                } _: { server in
                    for name in ["no_proxy", "NO_PROXY"] {
                        let client = try Self.client(["http_proxy": proxy.url, name: "a.test,127.0.0.1"])
                        try Self.expect(try await Self.get(server.url, client) == 200)
                    }
                    let client = try Self.client(["http_proxy": proxy.url, "all_proxy": proxy.url], .none)
                    try Self.expect(try await Self.get(server.url, client) == 200)
                    try Self.expect(seen.all.isEmpty)
                }
            }
        }
    }

    @Test("a proxy that refuses the tunnel, and one that nobody knows, are told apart from the server")
    func refused() async {
        await #expect(processExitsWith: .success) {
            try await TestProxy.run(refusesTunnels: true) { proxy, _ in
                for address in [proxy.url, "http://no-such-host.invalid:3128"] {
                    let client = try Self.client(["https_proxy": address])
                    do {
                        _ = try await Self.get("https://localhost/", client)
                        throw Unexpected()
                    } catch let error as HTTPClientError {
                        try Self.expect(error.code == .proxy)
                        try Self.expect(error.message.contains("\(address) (from https_proxy)"))
                    }
                }
            }
        }
    }

    @Test("a proxy that takes no connections, or cannot be one, is named without its user and password")
    func named() async {
        await #expect(processExitsWith: .success) {
            for (variable, address, code, message) in [
                (
                    "all_proxy", "http://a:p%40s@127.0.0.1:1", .proxy,
                    "the proxy http://127.0.0.1:1 (from all_proxy) refuses connections"
                ),
                (
                    "http_proxy", "a:b@127.0.0.1:1/x", .proxy,
                    "the proxy http://127.0.0.1:1 (from http_proxy) refuses connections"
                ),
                (
                    "http_proxy", "http://a:p@s@127.0.0.1:1", .invalidProxy,
                    "http_proxy is not a proxy address: use http://HOST:PORT"
                ),
                (
                    "http_proxy", "garbage://a:b@127.0.0.1", .invalidProxy,
                    "http_proxy names a proxy with the unknown scheme \"garbage\": use http://"
                ),
            ] as [(String, String, HTTPClientError.Code, String)] {
                do {
                    _ = try await Self.get("http://a.test/", Self.client([variable: address]))
                    throw Unexpected()
                } catch let error as HTTPClientError {
                    try Self.expect(error.code == code)
                    try Self.expect(error.message == message)
                }
            }
        }
    }

    @Test(
        "a server that is asked itself is no proxy's fault",
        arguments: [
            ("a.test", true), ("*", true), ("b.test, .TEST", true), ("test", true), ("10.0.0.0/8", true), ("", false),
            ("est,b.a.test", false),
        ]
    )
    func exceptions(list: String, isExcepted: Bool) {
        let variables = ["http_proxy": "127.0.0.1:1", "no_proxy": list]
        for url in ["http://a.test", "http://A.test:8080/x?y"] {
            let proxy = EnvironmentProxy(for: url) { variables[$0] }
            #expect((proxy == nil) == isExcepted)
        }
    }
}
