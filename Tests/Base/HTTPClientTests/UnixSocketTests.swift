// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPMessages
import Testing

@testable import HTTPClient

@Suite("Unix sockets", .timeLimit(.minutes(15)))
struct UnixSocketTests {
    private let path = FileManager.default.temporaryDirectory.path + "/granary-\(UUID()).sock"

    private var client: HTTPSession {
        get throws {
            var configuration = HTTPClientConfiguration()
            configuration.unixSocketPath = path
            return try HTTPSession(configuration)
        }
    }

    @Test("a request goes to the socket, whatever its URL names")
    func request() async throws {
        defer { unlink(path) }
        let seen = Notes<String?>()
        try await TestServer.run(path: path) { peer in
            while true {
                let (head, body) = try peer.readRequest()
                seen.note(head["Host"])
                try peer.answer(200, body: body)
            }
        } _: { server in
            let client = try client
            for host in ["localhost", "no-such-host.invalid"] {
                let request = HTTPClientRequest(method: .post, url: "http://\(host)/x", body: .bytes([1, 2]))
                let body = try await client.execute(request).body.collect(upTo: 2)
                #expect(body == [1, 2])
            }
            #expect(seen.all == ["localhost", "no-such-host.invalid"])
        }
    }

    @Test("a socket that is not there, or that nobody listens at, is a connection that did not come about")
    func nobody() async throws {
        defer { unlink(path) }
        var codes: [HTTPClientError.Code?] = []
        for isThere in [false, true] {
            if isThere {
                try await TestServer.run(path: path) { _ in
                } _: { _ in
                }
            }
            let client = try client
            let error = await #expect(throws: HTTPClientError.self) {
                try await client.execute(HTTPClientRequest(url: "http://localhost/"))
            }
            codes.append(error?.code)
        }
        #expect(codes == [.connect(.other), .connect(.refused)])
    }
}
