// SPDX-License-Identifier: Apache-2.0

import Loops
import RegistryTestSupport
import Synchronization
import Testing

@testable import RegistryServer

@Suite("The administrators' socket", .timeLimit(.minutes(15)))
struct AdminSocketTests {
    /// Runs a server whose commands are `handle`, and something that talks to it.
    private func run(
        _ handle: @escaping @Sendable (AdminConversation) async throws -> Void,
        _ body: (DataDirectory) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { path in
            let directory = try DataDirectory.prepare(path)
            let server = AdminSocketServer(directory: directory, handle: handle)
            let shutdown = Shutdown()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await server.run(until: shutdown, endingWithin: .seconds(1)) }
                defer { shutdown.request() }
                try await body(directory)
            }
        }
    }

    /// Runs a command, as soon as the server listens; returns what it said.
    private func talk(
        _ directory: DataDirectory,
        input: AdminInput = .none,
        hear: @escaping (AdminEvent) async throws -> Void = { _ in }
    ) async throws -> [AdminEvent] {
        var events: [AdminEvent] = []
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            let request = AdminRequest(arguments: ["admin", "fsck"], input: "a line", directory: "/somewhere")
            let conversation = AdminConversation(request: request, input: input) { event in
                events.append(event)
                try await hear(event)
            }
            let isDone = try await AdminSocketClient(directory: directory).run(conversation)
            if isDone { return events }
            await Task.yield()
        }
        throw NobodyListens()
    }

    private struct NobodyListens: Error {}

    @Test("what a command says arrives while it still runs")
    func arrivesAtOnce() async throws {
        let heard = AsyncStream.makeStream(of: Void.self)
        try await run { conversation in
            #expect(conversation.request.input == "a line")
            #expect(conversation.path("file") == "/somewhere/file" && conversation.path("/file") == "/file")
            try await conversation.say(.output("first\n"))
            for await _ in heard.stream { break }
            try await conversation.say(.errors("second\n"))
            try await conversation.say(.end(6))
        } _: { directory in
            let events = try await talk(directory) { if $0.output != nil { heard.continuation.yield() } }
            #expect(events == [.output("first\n"), .errors("second\n"), .end(6)])
        }
    }

    @Test("what a command reads comes whole, however much it is")
    func input() async throws {
        struct Pieces: AsyncSequence, AsyncIteratorProtocol, Sendable {
            var left = 1000
            func makeAsyncIterator() -> Self { self }
            mutating func next() async throws -> [UInt8]? {
                left -= 1
                return left < 0 ? nil : [UInt8](repeating: UInt8(left % 251), count: 20_000)
            }
        }
        try await run { conversation in
            var count = 0
            var sum = 0
            for try await piece in conversation.input {
                count += piece.count
                sum += piece.reduce(0) { $0 + Int($1) }
            }
            try await conversation.say(.output("\(count) \(sum)"))
            try await conversation.say(.end(0))
        } _: { directory in
            let sum = (0..<1000).reduce(0) { $0 + 20_000 * ($1 % 251) }
            let events = try await talk(directory, input: AdminInput(Pieces()))
            #expect(events == [.output("20000000 \(sum)"), .end(0)])
        }
    }

    @Test("a command ends when nobody listens any more")
    func listenerGone() async throws {
        struct Gone: Error {}
        let ended = AsyncStream.makeStream(of: Void.self)
        try await run { conversation in
            defer { ended.continuation.finish() }
            while true { try await conversation.say(.output(String(repeating: "x", count: 100_000))) }
        } _: { directory in
            // Where none was begun, none ends.
            let gone = await #expect(throws: Gone.self) { _ = try await talk(directory) { _ in throw Gone() } }
            if gone != nil { for await _ in ended.stream {} }
        }
    }

    @Test("progress is told at most once a second")
    func progress() async throws {
        let events = Mutex<[AdminEvent]>([])
        let request = AdminRequest(arguments: [], input: nil, directory: "/")
        let conversation = AdminConversation(request: request, input: .none) { event in
            events.withLock { $0.append(event) }
        }
        for number in 0..<100 { try await conversation.progress { "\(number)" } }
        #expect(events.withLock { $0 }.first == .progress("0"))
        #expect(events.withLock { $0 }.count < 100)
    }
}
