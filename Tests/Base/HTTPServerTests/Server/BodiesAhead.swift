// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Synchronization

@testable import HTTPServer

/// Handlers that read their bodies when a test lets them, and what waits for them meanwhile.
final class BodiesAhead: Sendable {
    private let began = Record<ServerState>()
    private let gate = Latch()

    /// A request with a body waits; others are answered as their targets say.
    var site: Site {
        Site { [began, gate] request in
            guard let server = request.body.server else { return try await Site.response(request) }
            began.append(server)
            await gate.pass()
            return Response(status: .ok, body: .bytes(Array(try await Site.count(request.body).utf8)))
        }
    }

    /// How many bytes wait.
    var count: Int { began.all.first?.bodiesAhead.load(ordering: .relaxed) ?? 0 }

    /// Blocks until so many handlers wait and so many bytes at least, and nothing is read any more; returns how many it is.
    ///
    /// `turn` lets the loop have a turn, in which it reads whatever it wants.
    func rest(handlers: Int, bytes: Int, _ turn: () throws -> Void) throws -> Int {
        try began.wait(count: handlers)
        let end = seconds() + Double(patience)
        var (last, quietTurns) = (-1, 0)
        while last < bytes || quietTurns < 50 {
            guard seconds() < end else { throw TookTooLong(what: "\(last) bytes wait") }
            try turn()
            quietTurns = count == last ? quietTurns + 1 : 0
            last = count
        }
        return last
    }

    /// Lets the handlers read.
    func open() { gate.open() }
}

extension RequestBody {
    /// The server that receives the body; nil for an empty one.
    fileprivate var server: ServerState? {
        switch source {
        case let exchange as HTTP1Exchange: exchange.connection.context.server
        case let exchange as HTTP2Exchange: exchange.connection?.context.server
        default: nil
        }
    }
}
