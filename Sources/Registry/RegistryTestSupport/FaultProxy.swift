// SPDX-License-Identifier: Apache-2.0

import NIOCore
import NIOPosix
import Synchronization

/// What a `FaultProxy` does with one request instead of passing it on unharmed.
package enum Fault: Sendable {
    /// Closes the connection.
    case refuse
    /// Answers in the place of the server, which does not see the request.
    case answer(Int, body: String)
    /// Passes on so many bytes of the request, then takes no more.
    case stallRequest(after: Int)
    /// Passes on so many bytes of the request, then closes the connection.
    case cutRequest(after: Int)
    /// Passes the request on with one byte of its body changed.
    case damageRequest
    /// Passes the request on when the client has given it up.
    case deliverLate
    /// Passes the request on; when the server has done the work, closes the connection.
    case dropAnswer
    /// Passes on so many bytes of the answer, then sends no more.
    case stallAnswer(after: Int)
    /// Passes on so many bytes of the answer, then closes the connection.
    case cutAnswer(after: Int)

    /// An S3 store's refusal.
    package static func refusal(_ status: Int, _ code: String) -> Fault {
        .answer(status, body: "<?xml version=\"1.0\"?><Error><Code>\(code)</Code></Error>")
    }
}

/// A TCP proxy in front of a real server of HTTP/1.1 that does harm to chosen requests.
package struct FaultProxy: Sendable {
    /// A request as its first line has it.
    package struct Request: Sendable {
        package let method: String
        package let target: String
        /// How many requests of this method were seen before.
        package let number: Int
    }

    /// The requests that were seen so far, in order.
    package var requests: [Request] { seen.requests.withLock { $0 } }

    private final class Seen: Sendable {
        let requests = Mutex<[Request]>([])
    }

    private typealias Connection = NIOAsyncChannel<ByteBuffer, ByteBuffer>

    private let host: String
    private let port: Int
    private let plan: @Sendable (Request) -> Fault?
    private let seen = Seen()
    private let group = MultiThreadedEventLoopGroup.singleton

    /// Prepares a proxy for a server, such as `http://127.0.0.1:8000`; `plan` decides what happens to each request.
    package init(to server: String, plan: @escaping @Sendable (Request) -> Fault?) {
        let authority = server.split(separator: "/").last ?? ""
        let parts = authority.split(separator: ":")
        host = parts.first.map(String.init) ?? ""
        port = parts.last.flatMap { Int($0) } ?? 80
        self.plan = plan
    }

    /// Runs a test while the proxy listens at the address that the test is given.
    package func run<Value: Sendable>(
        _ body: @escaping @Sendable (_ endpoint: String) async throws -> Value
    ) async throws -> Value {
        let server = try await ServerBootstrap(group: group).bind(host: "127.0.0.1", port: 0) { channel in
            channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
        }
        let port = server.channel.localAddress?.port ?? 0
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask {
                try? await server.executeThenClose { connections in
                    try await withThrowingDiscardingTaskGroup { group in
                        for try await client in connections {
                            group.addTask { try? await forward(client) }
                        }
                    }
                }
                return nil
            }
            group.addTask { try await body("http://127.0.0.1:\(port)") }
            defer { group.cancelAll() }
            while let result = try await group.next() {
                if let value = result { return value }
            }
            throw CancellationError()
        }
    }

    private func forward(_ client: Connection) async throws {
        try await client.executeThenClose { fromClient, toClient in
            let server = try await ClientBootstrap(group: group).connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture { try Connection(wrappingChannelSynchronously: channel) }
            }
            try await server.executeThenClose { fromServer, toServer in
                let exchange = Exchange()
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await forwardRequests(fromClient, toServer, toClient, exchange)
                        throw CancellationError()
                    }
                    group.addTask {
                        try await Self.forwardAnswers(fromServer, toClient, exchange)
                        throw CancellationError()
                    }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }
        }
    }

    private func forwardRequests(
        _ pieces: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ server: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ client: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ exchange: Exchange
    ) async throws {
        var late = ByteBuffer()
        for try await var piece in pieces {
            let isHead = exchange.isBetweenRequests
            if isHead { exchange.begin(note(piece).flatMap(plan)) }
            switch exchange.fault {
            case .refuse: return
            case .answer(let status, let body):
                guard isHead else { continue }
                exchange.isBetweenRequests = false
                try await client.write(Self.answer(status, body))
            case .stallRequest(let limit): try await exchange.pass(piece, upTo: limit, thenStalls: true, to: server)
            case .cutRequest(let limit): try await exchange.pass(piece, upTo: limit, thenStalls: false, to: server)
            case .damageRequest:
                exchange.damage(&piece)
                try await server.write(piece)
            case .deliverLate: late.writeBuffer(&piece)
            case .dropAnswer, .stallAnswer, .cutAnswer, nil: try await server.write(piece)
            }
        }
        guard case .deliverLate = exchange.fault else { return }
        try await server.write(late)
        try await exchange.waitForAnswer()
    }

    private static func forwardAnswers(
        _ pieces: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ client: NIOAsyncChannelOutboundWriter<ByteBuffer>,
        _ exchange: Exchange
    ) async throws {
        for try await piece in pieces {
            exchange.answerCame()
            switch exchange.fault {
            case .dropAnswer, .deliverLate: return
            case .stallAnswer(let limit): try await exchange.pass(piece, upTo: limit, thenStalls: true, to: client)
            case .cutAnswer(let limit): try await exchange.pass(piece, upTo: limit, thenStalls: false, to: client)
            default: try await client.write(piece)
            }
        }
    }

    /// Remembers a request by the beginning of its head; nil when it is none.
    private func note(_ head: ByteBuffer) -> Request? {
        let line = String(buffer: head).prefix { $0 != "\r\n" }.split(separator: " ")
        guard line.count == 3 else { return nil }
        return seen.requests.withLock { requests in
            let method = String(line[0])
            let number = requests.count { $0.method == method }
            let request = Request(method: method, target: String(line[1]), number: number)
            requests.append(request)
            return request
        }
    }

    private static func answer(_ status: Int, _ body: String) -> ByteBuffer {
        ByteBuffer(
            string:
                "HTTP/1.1 \(status) Fault\r\nContent-Type: application/xml\r\nContent-Length: \(body.utf8.count)\r\n"
                + "Connection: close\r\n\r\n\(body)"
        )
    }
}

/// A connection's request under way, as its two directions share it.
private final class Exchange: Sendable {
    private struct State {
        var isBetweenRequests = true
        var fault: Fault?
        var passed = 0
        var isDamaged = false
    }

    private struct Cut: Error {}

    private let state = Mutex(State())
    private let answer = AsyncStream.makeStream(of: Void.self)

    var isBetweenRequests: Bool {
        get { state.withLock { $0.isBetweenRequests } }
        set { state.withLock { $0.isBetweenRequests = newValue } }
    }

    var fault: Fault? { state.withLock { $0.fault } }

    func begin(_ fault: Fault?) {
        state.withLock { $0 = State(isBetweenRequests: false, fault: fault) }
    }

    func answerCame() {
        isBetweenRequests = true
        answer.continuation.finish()
    }

    func waitForAnswer() async throws {
        for await _ in answer.stream {}
    }

    /// Passes on what of a piece lies below a limit; at the limit the exchange ends or stands still.
    func pass(
        _ piece: ByteBuffer,
        upTo limit: Int,
        thenStalls stalls: Bool,
        to writer: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        let room = state.withLock { state in
            defer { state.passed += piece.readableBytes }
            return max(0, limit - state.passed)
        }
        let part = piece.getSlice(at: piece.readerIndex, length: min(room, piece.readableBytes)) ?? ByteBuffer()
        if part.readableBytes > 0 { try await writer.write(part) }
        guard piece.readableBytes >= room else { return }
        if stalls { try await Task.sleep(for: .seconds(3600)) }
        throw Cut()
    }

    /// Changes the last byte of the first piece that has something of the body.
    func damage(_ piece: inout ByteBuffer) {
        let isHeadOnly = piece.readableBytesView.suffix(4).elementsEqual("\r\n\r\n".utf8)
        state.withLock { state in
            guard !state.isDamaged, !isHeadOnly, let last = piece.readableBytesView.last else { return }
            piece.setInteger(last ^ 1, at: piece.writerIndex - 1)
            state.isDamaged = true
        }
    }
}
