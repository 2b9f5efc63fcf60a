// SPDX-License-Identifier: Apache-2.0

import Glibc
package import Loops
import Synchronization

/// A server of HTTP/1.1 and, over TLS, of HTTP/2.
package struct HTTPServer: Sendable {
    /// What a server needs to know.
    package struct Configuration: Sendable {
        package var addresses: [ListenAddress]
        package var limits = ConnectionLimits()
        /// How many event loops there are, each with a thread.
        package var loops = 1
        /// What connections are secured with; nil for plain connections.
        package var tls: TLSIdentityFiles?
        /// Who may say for whom a request is made.
        package var proxies = TrustedProxies()
        /// Told of the end of each connection, on its loop.
        package var onClose: (@Sendable (_ client: String?, CloseReason) -> Void)?
        /// Told when no more connections are taken for the moment, on a loop.
        package var onPressure: @Sendable (ServerPressure) -> Void = { _ in }

        package init(addresses: [ListenAddress]) {
            self.addresses = addresses
        }
    }

    /// How a server ended.
    package enum End: Sendable {
        /// Every request was answered.
        case orderly
        /// The time to end was over; so many connections were cut.
        case cut(connections: Int)
    }

    private let configuration: Configuration
    private let handler: any RequestHandler

    package init(_ configuration: Configuration, handler: any RequestHandler) {
        self.configuration = configuration
        self.handler = handler
    }

    /// Serves until a stop is requested, then ends: connections close with the answers that are due, within the limit's time.
    ///
    /// `onListening` hears where the server listens, with the ports it got. Throws `ListenError`.
    package func run(
        until shutdown: Shutdown,
        onListening: @Sendable ([ListenAddress]) -> Void = { _ in }
    ) async throws -> End {
        // A client that has gone is an error of the call that finds out; sendfile has no flag for that.
        Signals.ignoreBrokenPipes()
        var sockets: [ListeningSocket] = []
        do {
            for address in configuration.addresses { sockets.append(try ListeningSocket.open(address)) }
        } catch {
            for socket in sockets { close(socket.descriptor) }
            throw error
        }
        let server = ServerState(
            limits: configuration.limits,
            proxies: configuration.proxies,
            onClose: configuration.onClose
        )
        let contexts = try (0..<max(1, configuration.loops)).map { index in
            LoopContext(loop: try EventLoop(name: "loop-\(index)"), handler: handler, server: server)
        }
        defer { for context in contexts { context.loop.stop() } }
        let listeners = sockets.map {
            Listener(
                $0,
                on: contexts[0].loop,
                contexts: contexts,
                server: server,
                tls: configuration.tls,
                onPressure: configuration.onPressure
            )
        }
        try await contexts[0].loop.run { for listener in listeners { try listener.start() } }
        onListening(sockets.map(\.address))
        await shutdown.wait()
        try await contexts[0].loop.run { for listener in listeners { listener.stop() } }
        return try await end(contexts, server)
    }

    private func end(_ contexts: [LoopContext], _ server: ServerState) async throws -> End {
        server.stop()
        for context in contexts {
            try await context.loop.run { for connection in context.connections.values { connection.shutDown() } }
        }
        let deadline = EventLoop.clock() + configuration.limits.shutdown.nanoseconds
        while !server.isIdle, EventLoop.clock() < deadline {
            do { try await Task.sleep(for: .milliseconds(5)) } catch { break }
        }
        let open = server.connections.load(ordering: .relaxed)
        for context in contexts {
            try await context.loop.run { for connection in context.connections.values { connection.close(.shutdown) } }
        }
        return open == 0 && server.isIdle ? .orderly : .cut(connections: open)
    }
}

extension ServerState {
    /// Whether no connection is open and no handler runs.
    fileprivate var isIdle: Bool {
        connections.load(ordering: .relaxed) == 0 && handlers.load(ordering: .relaxed) == 0
    }
}

extension EventLoop {
    /// Runs work on the loop and waits for it.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            execute { continuation.resume(with: Result(catching: work)) }
        }
    }
}
