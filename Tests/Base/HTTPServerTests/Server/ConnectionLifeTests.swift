// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import Loops
import Synchronization
import Testing

@testable import HTTPServer

@Suite("the life of a connection", .timeLimit(.minutes(15)))
struct ConnectionLifeTests {
    /// A connection on a loop, whose end a test can see.
    private final class Rig: Sendable {
        private final class Reference: Sendable {
            private struct Weak {
                weak var connection: Connection?
            }

            private let weak = Mutex(Weak())

            var connection: Connection? {
                get { weak.withLock { $0.connection } }
                set { weak.withLock { $0.connection = newValue } }
            }
        }

        let client: Int32
        private let loop: EventLoop
        private let context: LoopContext
        private let server: ServerState
        private let reference = Reference()

        init(_ handler: any RequestHandler, _ way: Way) async throws {
            let loop = try EventLoop(name: "loop")
            let server = ServerState(limits: ConnectionLimits(), proxies: TrustedProxies(), onClose: nil)
            let context = await loop.run { LoopContext(loop: loop, handler: handler, server: server) }
            let tls = way == .tls ? try TLSIdentityFiles.forTests().current : nil
            var pair: [Int32] = [-1, -1]
            let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw SystemError(number: errno) }
            let descriptor = pair[0]
            client = pair[1]
            (self.loop, self.context, self.server) = (loop, context, server)
            await loop.run { [reference] in
                server.connections.wrappingAdd(1, ordering: .relaxed)
                context.open.wrappingAdd(1, ordering: .relaxed)
                let connection = Connection(
                    context: context,
                    descriptor: descriptor,
                    isTCP: false,
                    clientAddress: nil,
                    tls: tls
                )
                reference.connection = connection
                connection.start()
            }
        }

        var isAlive: Bool { reference.connection != nil }

        /// Waits until nothing refers to the connection any more.
        func waitForRelease() throws {
            let start = seconds()
            while isAlive || server.handlers.load(ordering: .relaxed) > 0 {
                guard seconds() - start < Double(patience) else {
                    throw TookTooLong(what: "the release of a connection")
                }
                poll(nil, 0, 1)
            }
            #expect(server.connections.load(ordering: .relaxed) == 0)
            loop.stop()
        }
    }

    struct Scene: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let play: @Sendable (Client) throws -> Void

        init(_ name: String, _ play: @escaping @Sendable (Client) throws -> Void) {
            testDescription = name
            self.play = play
        }
    }

    private static let scenes = [
        Scene("nothing") { _ in },
        Scene("an immediate answer") { _ = try $0.get("/hot?5") },
        Scene("a handled request") { _ = try $0.get("/bytes?5") },
        Scene("a file") { _ = try $0.get("/hotfile?100000") },
        Scene("a stream") { _ = try $0.get("/chunked?100000") },
        Scene("an upload") {
            try $0.send(upload("/count", pattern(200_000)))
            _ = try $0.answer()
        },
        Scene("a stream that breaks") {
            try $0.send(request("GET", "/broken"))
            _ = try $0.receiveToEnd()
        },
        Scene("the last answer") { _ = try $0.get("/bytes?5", "Connection: close") },
        Scene("a refusal") { _ = try $0.get("http") },
        Scene("an early answer") {
            try $0.send(request("POST", "/none?413", ["Content-Length: 1000000"]))
            _ = try $0.answer()
        },
        Scene("a body that stops") {
            try $0.send(request("POST", "/count", ["Content-Length: 10"]))
        },
        Scene("an answer that is not read") { try $0.send(request("GET", "/stream?30000000")) },
    ]

    @Test("nothing refers to it once it has ended", arguments: scenes, Way.allCases)
    func release(scene: Scene, way: Way) async throws {
        try await withTaskExecutorPreference(BlockingExecutor.shared) {
            let site = Site(hot: HotCounts()) { request, answer in
                guard request.path == "/broken" else { return await Site.answer(request, answer) }
                try? await answer.send(
                    Response(status: .ok, body: .stream(length: 10) { _ in throw TookTooLong(what: "it") })
                )
            }
            let rig = try await Rig(site, way)
            let client = Client(socket: rig.client)
            if way == .tls { try client.handshake() }
            try scene.play(client)
            #expect(rig.isAlive || ["a stream that breaks"].contains(scene.testDescription))
            client.close()
            try rig.waitForRelease()
        }
    }
}
