// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops
import Synchronization

/// Takes connections from a listening socket and gives each to the loop that has the fewest.
// Used on its loop's thread alone.
final class Listener: EventTarget, @unchecked Sendable {
    /// How many connections one event takes, so that others get their turn.
    private static let acceptsPerEvent = 64

    private let socket: ListeningSocket
    private let loop: EventLoop
    private let contexts: [LoopContext]
    private let server: ServerState
    private let tls: TLSIdentityFiles?
    private let onPressure: @Sendable (ServerPressure) -> Void
    private var registration: EventRegistration?
    /// Why nothing is accepted at the moment.
    private var pressure: ServerPressure?

    init(
        _ socket: ListeningSocket,
        on loop: EventLoop,
        contexts: [LoopContext],
        server: ServerState,
        tls: TLSIdentityFiles?,
        onPressure: @escaping @Sendable (ServerPressure) -> Void
    ) {
        self.socket = socket
        self.loop = loop
        self.contexts = contexts
        self.server = server
        self.tls = tls
        self.onPressure = onPressure
    }

    func start() throws {
        registration = try loop.add(self, socket.descriptor, .readable)
    }

    /// Takes no more connections, and closes the socket.
    func stop() {
        guard let registration else { return }
        self.registration = nil
        loop.remove(registration, socket.descriptor)
        close(socket.descriptor)
    }

    func ready(_ events: EventSet) {
        for _ in 0..<Self.acceptsPerEvent {
            guard server.connections.load(ordering: .relaxed) < server.limits.connections else {
                return pause(.connectionLimit(server.limits.connections))
            }
            guard let (descriptor, client) = SocketAddress.accept(socket.descriptor) else {
                // Without a free descriptor the queue stays readable: looking again at once would spin.
                if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { pause(.descriptors) }
                return
            }
            assign(descriptor, client.ip)
        }
    }

    func tick() {
        guard let known = pressure, let registration else { return }
        if case .connectionLimit(let limit) = known, server.connections.load(ordering: .relaxed) >= limit { return }
        pressure = nil
        loop.modify(registration, socket.descriptor, .readable)
    }

    private func pause(_ cause: ServerPressure) {
        guard pressure == nil, let registration else { return }
        pressure = cause
        loop.modify(registration, socket.descriptor, [])
        onPressure(cause)
    }

    private func assign(_ descriptor: Int32, _ client: String?) {
        let loads = contexts.map { $0.loop.load.load(ordering: .relaxed) }
        let least = loads.indices.min { loads[$0] < loads[$1] } ?? 0
        let context = contexts[least]
        let isTCP = socket.isTCP
        let tls = tls?.current
        server.connections.wrappingAdd(1, ordering: .relaxed)
        context.loop.execute {
            Connection(context: context, descriptor: descriptor, isTCP: isTCP, clientAddress: client, tls: tls)
                .start()
        }
    }
}

/// Why a server takes no connections for the moment; they wait in the system's queue.
package enum ServerPressure: Hashable, Sendable {
    /// So many connections are open, which is the limit.
    case connectionLimit(Int)
    /// The process or the system has no descriptor left.
    case descriptors
}
