// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A proxy that answers plain requests itself and opens tunnels, and notes the first line of what it is asked.
enum TestProxy {
    static func run(
        refusesTunnels: Bool = false,
        _ body: @escaping (_ proxy: TestServer, _ seen: Notes<String>) async throws -> Void
    ) async throws {
        let seen = Notes<String>()
        try await TestServer.run { peer in
            let head = try peer.readHead()
            seen.note(head.lines[0])
            guard head.method == "CONNECT" else { return try peer.answer(203, body: Array("proxy".utf8)) }
            guard !refusesTunnels else { return try peer.answer(403, body: Array("no".utf8)) }
            let port = head.target.split(separator: ":").last.flatMap { UInt16($0) } ?? 0
            let server = try Peer.connected(toPort: port)
            try peer.write("HTTP/1.1 200 Connected\r\nX-Proxy: 1\r\n\r\n")
            Foundation.Thread.detachNewThread { [upstream = peer.relay(to: server)] in upstream() }
            server.relay(to: peer)()
        } _: { proxy in
            try await body(proxy, seen)
        }
    }
}
