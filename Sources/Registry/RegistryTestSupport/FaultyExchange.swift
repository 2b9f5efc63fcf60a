// SPDX-License-Identifier: Apache-2.0

import Loops
import Synchronization

/// A connection through a `FaultProxy`: one thread forwards requests, another one forwards responses.
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

    /// Creates an exchange; `judge` chooses the fault of each request by its first bytes.
    init(_ client: LoopbackSocket, _ server: LoopbackSocket, _ judge: @escaping @Sendable ([UInt8]) -> Fault?) {
        self.client = client
        self.server = server
        self.judge = judge
    }

    func start() {
        Thread.start(named: "fault-requests") { [self] in
            // The other thread waits for the response to a late request.
            if !passRequests() { end() }
        }
        Thread.start(named: "fault-answers") { [self] in
            passAnswers()
            end()
        }
    }

    /// Closes the connection on both sides.
    func end() {
        client.shutDown()
        server.shutDown()
    }

    /// Forwards requests; returns whether a response is still due after the client has disconnected.
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

    /// Forwards the part of a piece below a limit; returns false when the limit is reached.
    private func pass(_ piece: [UInt8], upTo limit: Int, to socket: LoopbackSocket) -> Bool {
        let room = state.withLock { state in
            defer { state.passed += piece.count }
            return max(0, limit - state.passed)
        }
        socket.write(Array(piece.prefix(room)))
        return piece.count < room
    }

    /// Changes the last byte of the first piece that contains a part of the body.
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
