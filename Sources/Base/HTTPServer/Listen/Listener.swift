// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops
import Synchronization

/// An acceptor that assigns each connection to the loop with the fewest connections.
// Confined to its loop's thread.
final class Listener: EventTarget, @unchecked Sendable {
    /// The maximum number of connections accepted per event, for fairness.
    private static let acceptsPerEvent = 64

    private let socket: ListeningSocket
    private let loop: EventLoop
    private let contexts: [LoopContext]
    private let server: ServerState
    private let tls: TLSIdentityFiles?
    private let notice: PressureNotice
    private var registration: EventRegistration?
    /// The reason why accepting is paused; nil when it is not.
    private var pressure: ServerPressure?

    init(
        _ socket: ListeningSocket,
        on loop: EventLoop,
        contexts: [LoopContext],
        server: ServerState,
        tls: TLSIdentityFiles?,
        notice: PressureNotice
    ) {
        self.socket = socket
        self.loop = loop
        self.contexts = contexts
        self.server = server
        self.tls = tls
        self.notice = notice
    }

    func start() throws {
        registration = try loop.add(self, socket.descriptor, .readable)
    }

    /// Stops accepting and closes the socket.
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
                // Without a free descriptor the queue stays readable, so an immediate retry would spin.
                if [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(errno) { pause(.descriptors) }
                return
            }
            assign(descriptor, client.ip)
        }
    }

    func tick() {
        guard let known = pressure, let registration else { return }
        if case .connectionLimit(let limit) = known, server.connections.load(ordering: .relaxed) >= limit {
            return notice.note(known, at: loop.now)
        }
        pressure = nil
        loop.modify(registration, socket.descriptor, .readable)
    }

    private func pause(_ cause: ServerPressure) {
        guard pressure == nil, let registration else { return }
        pressure = cause
        loop.modify(registration, socket.descriptor, [])
        notice.note(cause, at: loop.now)
    }

    private func assign(_ descriptor: Int32, _ client: String?) {
        var context = contexts[0]
        for other in contexts.dropFirst()
        where other.open.load(ordering: .relaxed) < context.open.load(ordering: .relaxed) {
            context = other
        }
        context.open.wrappingAdd(1, ordering: .relaxed)
        let isTCP = socket.isTCP
        let tls = tls?.current
        server.connections.wrappingAdd(1, ordering: .relaxed)
        context.loop.execute { [context] in
            Connection(context: context, descriptor: descriptor, isTCP: isTCP, clientAddress: client, tls: tls)
                .start()
        }
    }
}

/// The reason why a server has paused accepting; new connections wait in the system's queue.
package enum ServerPressure: Hashable, Sendable {
    /// The number of open connections has reached the limit.
    case connectionLimit(Int)
    /// The process or the system has run out of descriptors.
    case descriptors
}

/// A notifier that reports a pressure once, and again only after it has been absent for a while.
// Confined to the thread of the accepting loop.
final class PressureNotice {
    private static let pause: Int64 = 60_000_000_000

    private let onPressure: @Sendable (ServerPressure) -> Void
    private var last: [ServerPressure: Int64] = [:]

    init(_ onPressure: @escaping @Sendable (ServerPressure) -> Void) {
        self.onPressure = onPressure
    }

    func note(_ pressure: ServerPressure, at now: Int64) {
        let before = last.updateValue(now, forKey: pressure)
        if before.map({ now - $0 >= Self.pause }) ?? true { onPressure(pressure) }
    }
}
