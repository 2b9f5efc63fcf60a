// SPDX-License-Identifier: Apache-2.0

import Glibc
package import Loops
import Synchronization

/// A server for HTTP/1.1 and, over TLS, HTTP/2.
package struct Server: Sendable {
    /// The configuration of a server.
    package struct Configuration: Sendable {
        package var addresses: [ListenAddress]
        package var limits = ConnectionLimits()
        /// The number of event loops, each with its own thread.
        package var loops = 1
        /// The certificate and key for TLS; nil for plain connections.
        package var tls: TLSIdentityFiles?
        /// The proxies whose statements about their clients are trusted.
        package var proxies = TrustedProxies()
        /// A callback for the end of each connection, called on its loop.
        package var onClose: (@Sendable (_ client: String?, CloseReason) -> Void)?
        /// A callback for a pause in accepting connections, called on a loop.
        package var onPressure: @Sendable (ServerPressure) -> Void = { _ in }

        package init(addresses: [ListenAddress]) {
            self.addresses = addresses
        }
    }

    /// The outcome of a server's shutdown.
    package enum End: Sendable {
        /// All requests received a response.
        case orderly
        /// The shutdown deadline passed, and `connections` connections were closed.
        case cut(connections: Int)
    }

    private let configuration: Configuration
    private let handler: any RequestHandler

    package init(_ configuration: Configuration, handler: any RequestHandler) {
        self.configuration = configuration
        self.handler = handler
    }

    /// Serves until a shutdown is requested, then drains: connections close after their current responses, within the time limit.
    ///
    /// Calls `onListening` with the actual addresses, including assigned ports. Throws `ListenError`.
    package func run(
        until shutdown: Shutdown,
        onListening: @Sendable ([ListenAddress]) -> Void = { _ in }
    ) async throws -> End {
        // sendfile(2) has no flag that suppresses SIGPIPE.
        Signals.ignoreBrokenPipes()
        let server = ServerState(
            limits: configuration.limits,
            proxies: configuration.proxies,
            onClose: configuration.onClose
        )
        let sockets = try openSockets()
        var contexts: [LoopContext] = []
        do {
            for index in 0..<max(1, configuration.loops) {
                let loop = try EventLoop(name: "loop-\(index)")
                contexts.append(LoopContext(loop: loop, handler: handler, server: server))
            }
            let listeners = listeners(sockets, contexts, server)
            try await contexts[0].loop.run { for listener in listeners { try listener.start() } }
            onListening(sockets.map(\.address))
            await shutdown.wait()
            await contexts[0].loop.run { for listener in listeners { listener.stop() } }
        } catch {
            for socket in sockets { close(socket.descriptor) }
            for context in contexts { context.loop.stop() }
            throw error
        }
        return await end(contexts, server)
    }

    private func openSockets() throws -> [ListeningSocket] {
        var sockets: [ListeningSocket] = []
        do {
            for address in configuration.addresses { sockets.append(try ListeningSocket.open(address)) }
        } catch {
            for socket in sockets { close(socket.descriptor) }
            throw error
        }
        return sockets
    }

    private func listeners(
        _ sockets: [ListeningSocket],
        _ contexts: [LoopContext],
        _ server: ServerState
    ) -> [Listener] {
        let notice = PressureNotice(configuration.onPressure)
        return sockets.map {
            Listener(
                $0,
                on: contexts[0].loop,
                contexts: contexts,
                server: server,
                tls: configuration.tls,
                notice: notice
            )
        }
    }

    private func end(_ contexts: [LoopContext], _ server: ServerState) async -> End {
        server.stop()
        for context in contexts {
            await context.loop.run { for connection in context.connections.values { connection.shutDown() } }
        }
        let deadline = EventLoop.clock() + configuration.limits.shutdown.nanoseconds
        while !server.isIdle, EventLoop.clock() < deadline {
            do { try await Task.sleep(for: .milliseconds(5)) } catch { break }
        }
        let open = server.connections.load(ordering: .relaxed)
        let end = server.isIdle ? End.orderly : .cut(connections: open)
        for context in contexts {
            await context.loop.run { for connection in context.connections.values { connection.close(.shutdown) } }
        }
        // Running handlers still need their loops to detect closed connections and to finish.
        Task.detached {
            while server.handlers.load(ordering: .relaxed) > 0 { try? await Task.sleep(for: .milliseconds(20)) }
            for context in contexts { context.loop.stop() }
        }
        return end
    }
}

extension ServerState {
    /// Whether no connection is open and no handler runs.
    fileprivate var isIdle: Bool {
        connections.load(ordering: .relaxed) == 0 && handlers.load(ordering: .relaxed) == 0
    }
}

extension EventLoop {
    /// Runs work on the loop and waits for its result.
    package func run<Value: Sendable, Failure: Error>(
        _ work: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let result = await withCheckedContinuation { continuation in
            execute { continuation.resume(returning: Result(catching: work)) }
        }
        return try result.get()
    }
}
