// SPDX-License-Identifier: Apache-2.0

import Loops
import Synchronization

/// A connection through a `FaultProxy`: one thread passes requests on, another one answers.
final class FaultyExchange: Sendable {
    private struct State {
        var isBetweenRequests = true
        var fault: Fault?
        var passed = 0
        var isDamaged = false
    }

    private let client: LoopbackSocket
    private let server: LoopbackSocket
    private let judge: @Sendable (_ head: [UInt8]) -> Fault?
    private let state = Mutex(State())

    /// `judge` decides by the first bytes of each request what happens to it.
    init(_ client: LoopbackSocket, _ server: LoopbackSocket, _ judge: @escaping @Sendable ([UInt8]) -> Fault?) {
        self.client = client
        self.server = server
        self.judge = judge
    }

    func start() {
        Thread.start(named: "fault-requests") { [self] in
            // What is delivered late is waited for by the other thread.
            if !passRequests() { end() }
        }
        Thread.start(named: "fault-answers") { [self] in
            passAnswers()
            end()
        }
    }

    /// Ends the connection at both sides.
    func end() {
        client.shutDown()
        server.shutDown()
    }

    /// Returns whether there is still an answer to come when the client has gone.
    private func passRequests() -> Bool {
        var late: [UInt8] = []
        while case var piece = client.read(), !piece.isEmpty {
            let isHead = state.withLock { $0.isBetweenRequests }
            if isHead {
                let fault = judge(piece)
                state.withLock { $0 = State(isBetweenRequests: false, fault: fault) }
            }
            switch fault {
            case .refuse: return false
            case .answer(let status, let body): if isHead { client.write(Self.answer(status, body)) }
            case .stallRequest(let limit):
                guard pass(piece, upTo: limit, to: server) else {
                    client.waitUntilGone()
                    return false
                }
            case .cutRequest(let limit): guard pass(piece, upTo: limit, to: server) else { return false }
            case .damageRequest:
                damage(&piece)
                server.write(piece)
            case .deliverLate: late += piece
            case .dropAnswer, .stallAnswer, .cutAnswer, nil: server.write(piece)
            }
        }
        guard case .deliverLate = fault else { return false }
        return server.write(late)
    }

    private func passAnswers() {
        while case let piece = server.read(), !piece.isEmpty {
            let fault = state.withLock { state in
                state.isBetweenRequests = true
                return state.fault
            }
            switch fault {
            case .dropAnswer, .deliverLate: return
            case .stallAnswer(let limit):
                guard pass(piece, upTo: limit, to: client) else { return client.waitUntilGone() }
            case .cutAnswer(let limit): guard pass(piece, upTo: limit, to: client) else { return }
            default: client.write(piece)
            }
        }
    }

    private var fault: Fault? { state.withLock { $0.fault } }

    /// Passes on what of a piece lies below a limit; false at the limit.
    private func pass(_ piece: [UInt8], upTo limit: Int, to socket: LoopbackSocket) -> Bool {
        let room = state.withLock { state in
            defer { state.passed += piece.count }
            return max(0, limit - state.passed)
        }
        socket.write(Array(piece.prefix(room)))
        return piece.count < room
    }

    /// Changes the last byte of the first piece that has something of the body.
    private func damage(_ piece: inout [UInt8]) {
        let isHeadOnly = piece.suffix(4).elementsEqual("\r\n\r\n".utf8)
        let isDue = state.withLock { state in
            guard !state.isDamaged, !isHeadOnly else { return false }
            state.isDamaged = true
            return true
        }
        if isDue { piece[piece.count - 1] ^= 1 }
    }

    private static func answer(_ status: Int, _ body: String) -> [UInt8] {
        let head =
            "HTTP/1.1 \(status) Fault\r\nContent-Type: application/xml\r\nContent-Length: \(body.utf8.count)\r\n"
            + "Connection: close\r\n\r\n"
        return Array((head + body).utf8)
    }
}
