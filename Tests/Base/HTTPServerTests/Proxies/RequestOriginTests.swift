// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Testing

@testable import HTTPServer

@Suite("where a request came from", .timeLimit(.minutes(15)))
struct RequestOriginTests {
    private func origin(_ fields: [(String, String)], from peer: String? = "10.0.0.1") throws -> RequestOrigin {
        var headers: HTTPFields = [:]
        for (name, value) in fields { headers.append(HTTPField(name: HTTPField.Name(token: name), value: value)) }
        return RequestOrigin.of(
            headers,
            from: RequestOrigin(clientAddress: peer, isSecure: false),
            trusting: try TrustedProxies(["10.0.0.0/8", "unix"])
        )
    }

    @Test("the last address that is not trusted is the client")
    func client() throws {
        let expected = RequestOrigin(clientAddress: "192.0.2.7", isSecure: true)
        for fields in [
            [("X-Forwarded-For", "1.1.1.1, 192.0.2.7, 10.0.0.2"), ("X-Forwarded-Proto", "https")],
            [("Forwarded", "for=192.0.2.7;proto=https, for=10.0.0.2")],
            [("Forwarded", "for=192.0.2.7;proto=https"), ("X-Forwarded-For", "192.0.2.7")],
        ] {
            #expect(try origin(fields) == expected)
            #expect(try origin(fields, from: nil) == expected)
            #expect(try origin(fields, from: "192.0.2.1") == RequestOrigin(clientAddress: "192.0.2.1", isSecure: false))
        }
    }

    @Test("when the two ways to say it name different clients, one is the client's own word: neither counts")
    func contradiction() throws {
        let peer = RequestOrigin(clientAddress: "10.0.0.1", isSecure: false)
        for fields in [
            [("Forwarded", "for=1.1.1.1;proto=https"), ("X-Forwarded-For", "192.0.2.7")],
            [("Forwarded", "for=1.1.1.1;proto=https"), ("X-Forwarded-Proto", "http")],
            [("Forwarded", "for=192.0.2.7"), ("X-Forwarded-For", "1.1.1.1, 10.0.0.3")],
        ] { #expect(try origin(fields) == peer) }
    }
}
