// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Loops
import Synchronization
import Testing

@testable import HTTPServer

/// A connection without a socket, on a loop of its own: what the server sends is kept until a test takes it.
// Everything but `loop` is used on the loop's thread alone.
final class HTTP2Bench: HTTP2Host, @unchecked Sendable {
    let loop: EventLoop
    let context: LoopContext
    var clientAddress: String? = "192.0.2.7"
    var isSecure = true
    let isFromTrustedProxy = false
    private var opened: HTTP2Connection?
    /// What the server sent and nobody read yet.
    var sent: [UInt8] = []
    /// The system takes nothing.
    var isBlocked = false
    /// How far the client has taken what the system holds.
    var delivery = Delivery.complete
    private weak var witness: HTTP2Connection?
    /// Every exchange that was seen, to see it go.
    private var exchanges: [Weak] = []
    /// When the connection was made.
    private(set) var start: Int64 = 0

    func delivery(at now: Int64) -> Delivery { delivery }

    private init(handler: any RequestHandler, limits: ConnectionLimits) throws {
        loop = try EventLoop(name: "http2-test")
        let server = ServerState(limits: limits, proxies: TrustedProxies(), onClose: nil)
        context = LoopContext(loop: loop, handler: handler, server: server)
    }

    /// Opens a connection for a test, and makes sure that nothing of it is left.
    static func run(
        _ handler: any RequestHandler = GreetingHandler(),
        limits: ConnectionLimits = ConnectionLimits(),
        _ test: (HTTP2Bench) async throws -> Void
    ) async throws {
        let bench = try HTTP2Bench(handler: handler, limits: limits)
        await bench.onLoop { bench in
            let connection = HTTP2Connection(host: bench)
            // Time passes only where a test lets it.
            connection.resetDelay = 0
            bench.start = connection.now
            bench.opened = connection
            bench.witness = connection
        }
        do { try await test(bench) } catch {
            await bench.onLoop { $0.close() }
            bench.loop.stop()
            throw error
        }
        await bench.onLoop { $0.close() }
        try await bench.wait("for the handlers to end") { $0.context.server.handlers.load(ordering: .relaxed) == 0 }
        try await bench.wait("for the exchanges to go") { $0.exchanges.allSatisfy { $0.exchange == nil } }
        await bench.onLoop { #expect($0.witness == nil) }
        bench.loop.stop()
    }

    private struct Weak {
        weak var exchange: HTTP2Exchange?
    }

    var connection: HTTP2Connection {
        guard let opened else { preconditionFailure("the connection is closed") }
        return opened
    }

    var isClosed: Bool { opened == nil }

    func close() {
        opened?.connectionLost()
        opened = nil
    }

    func origin(of headers: HTTPFields) -> RequestOrigin {
        RequestOrigin(clientAddress: clientAddress, isSecure: isSecure)
    }

    func outputIsReady() { flush() }

    /// Takes what there is to send.
    func flush() {
        guard let opened, !isBlocked else { return }
        let output = context.output
        var hasMore = true
        while hasMore {
            hasMore = opened.fill(output)
            sent += Array(output.bytes)
            output.removeAll()
        }
        opened.drained()
    }

    /// Hands bytes to the connection as if they had come from the client.
    func receive(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { opened?.receive($0) }
        exchanges += (opened?.streams ?? []).compactMap(\.exchange).map { Weak(exchange: $0) }
        flush()
    }

    /// What the server sent since the last time.
    func takeSent() -> [UInt8] {
        defer { sent = [] }
        return sent
    }

    /// Lets time pass.
    func tick(after seconds: Double) {
        opened?.tick(now: start + Int64(seconds * 1_000_000_000))
        flush()
    }

    /// Runs work on the loop.
    func onLoop<Value: Sendable>(_ work: @escaping @Sendable (HTTP2Bench) throws -> Value) async rethrows -> Value {
        let result: Result<Value, any Error> = await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: Result { try work(self) }) }
        }
        switch result {
        case .success(let value): return value
        case .failure(let error): return try { throw error }()
        }
    }

    /// Waits until something is so, while handlers run; fails after three minutes: hundreds of tests share two processors.
    func wait(
        _ what: Comment,
        sourceLocation: SourceLocation = #_sourceLocation,
        until isSo: @escaping @Sendable (HTTP2Bench) -> Bool
    ) async throws {
        let deadline = EventLoop.clock() + 180_000_000_000
        while await !onLoop({ isSo($0) }) {
            guard EventLoop.clock() < deadline else {
                Issue.record("waited in vain \(what)", sourceLocation: sourceLocation)
                throw Timeout()
            }
            await Task.yield()
        }
    }

    struct Timeout: Error {}
}

/// Answers as a test wants.
struct TestHandler: RequestHandler {
    var answers: (@Sendable () -> any ImmediateAnswers)?
    let body: @Sendable (Request, consuming AnswerWriter) async -> Void

    init(
        answers: (@Sendable () -> any ImmediateAnswers)? = nil,
        _ body: @escaping @Sendable (Request, consuming AnswerWriter) async -> Void
    ) {
        self.answers = answers
        self.body = body
    }

    func handle(_ request: Request, answer: consuming AnswerWriter) async { await body(request, answer) }

    func makeImmediateAnswers() -> (any ImmediateAnswers)? { answers?() }
}

/// Answers every request in the same way.
struct GreetingHandler: RequestHandler {
    static let body = Array("hello, world\n".utf8)

    func handle(_ request: Request, answer: consuming AnswerWriter) async {
        try? await answer.send(Response(status: .ok, headers: [.contentType: "text/plain"], body: .bytes(Self.body)))
    }

    func makeImmediateAnswers() -> (any ImmediateAnswers)? { nil }
}

/// Where handlers wait for a test.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    var count: Int { state.withLock { $0.waiting.count } }
}

/// What a test notes from anywhere.
final class Notes<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    func add(_ value: Value) { values.withLock { $0.append(value) } }
    func removeAll() { values.withLock { $0 = [] } }
    var all: [Value] { values.withLock { $0 } }
}
