// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import Testing

@testable import HTTPServer

/// A client of HTTP/2 over TLS, moved by a test on one thread.
final class Caller {
    let client: Client
    let http2: HTTP2Client

    /// A client with a large window lets the server send as much as it wants; a proxy says something before the handshake.
    init(_ server: TestServer, saying word: [UInt8] = [], receiveBuffer: Int32? = nil, window: UInt32? = nil) throws {
        http2 = HTTP2Client(settings: window.map { [(id: NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, value: $0)] } ?? [])
        if let window { http2.widen(0, by: Int32(window)) }
        client = try server.connectPlainly(receiveBuffer: receiveBuffer)
        try client.send(word)
        try client.handshake(.init(protocols: ["h2", "http/1.1"]))
        #expect(client.tls?.applicationProtocol == "h2")
    }

    /// Moves bytes both ways until something is so.
    func move(until isSo: (HTTP2Client) -> Bool) throws {
        while true {
            let output = http2.takeOutput()
            if !output.isEmpty { try client.send(output) }
            if isSo(http2) { return }
            guard try client.receive() else { throw Client.Failure.broken }
            http2.receive(client.unread)
            client.unread = []
        }
    }

    func answer(_ id: Int32) throws -> HTTP2Client.Answer {
        try move { $0.answer(id).code != nil }
        return http2.answer(id)
    }

    /// Waits for the orderly end of the connection.
    func receiveEnd() throws {
        while try client.receive() { client.unread = [] }
    }

    func get(_ path: String) throws -> [UInt8] { try answer(http2.send("GET", path)).body }
}
