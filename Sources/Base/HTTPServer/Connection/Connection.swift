// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import HTTPMessages
import Loops
import Synchronization

/// One client's connection, from its acceptance to its end, on one loop.
///
/// It moves bytes between the socket and the protocol above: HTTP/1.1 in `Connection+HTTP1.swift`, HTTP/2 in its own type.
// Everything is used on the loop's thread alone; tasks reach it through `EventLoop.execute` when they run elsewhere.
final class Connection: EventTarget, HTTP2Host, @unchecked Sendable {
    let context: LoopContext
    let descriptor: Int32
    /// Whether the socket is one of TCP, which has more options than others.
    let isTCP: Bool
    var clientAddress: String?
    private(set) var isSecure = false
    /// The TLS below the protocol; nil on a plain connection.
    var tls: TLSConnection?
    /// HTTP/2, once it was agreed on; HTTP/1.1 is spoken otherwise.
    var http2: HTTP2Connection?
    var hasProtocol: Bool
    /// Whether the peer may say for whom it asks.
    let isFromTrustedProxy: Bool
    /// The first bytes may be the word of a proxy about its client.
    var awaitsProxyHeader: Bool

    // The socket.
    private var registration: EventRegistration?
    private var armed: EventSet = []
    private(set) var isClosed = false
    var isCorked = false
    /// The client will send nothing more.
    var hasInputEnded = false
    /// What TLS holds is looked at after the events at hand.
    var willReceiveLater = false

    // What is on its way out.
    var pending = PendingOutput()
    var file: OutgoingFile?
    /// The streams of HTTP/2 have more to send, for which others had to wait.
    var hasMoreFrames = false
    var whenDrained: [CheckedContinuation<Void, any Error>] = []

    // HTTP/1.1.
    var unread: [UInt8] = []
    var scanned = 0
    var exchange: HTTP1Exchange?
    /// Nothing further is answered; the connection ends behind what is.
    var closesAfterAnswer = false
    var lingering: Lingering?
    /// Why the connection ends, when its end is orderly.
    var endReason = CloseReason.answered

    // Deadlines, on the loop's clock.
    var lastActivity: Int64
    var lastProgress: Int64
    /// How many bytes the system had not delivered when that was last looked at, since `lastProgress`.
    var undelivered: Int32?

    init(context: LoopContext, descriptor: Int32, isTCP: Bool, clientAddress: String?, tls: TLSContext?) {
        self.context = context
        self.descriptor = descriptor
        self.isTCP = isTCP
        self.clientAddress = clientAddress
        isSecure = tls != nil
        hasProtocol = tls == nil
        isFromTrustedProxy = context.server.proxies.contains(clientAddress)
        awaitsProxyHeader = isFromTrustedProxy
        if let tls { self.tls = try? TLSConnection(context: tls, socket: descriptor, output: context.cipher) }
        lastActivity = context.loop.now
        lastProgress = context.loop.now
    }

    var loop: EventLoop { context.loop }

    /// Begins to wait for what the client sends.
    func start() {
        context.connections[ObjectIdentifier(self)] = self
        guard !isSecure || tls != nil else { return close(.handshakeFailed) }
        do {
            registration = try loop.add(self, descriptor, .readable)
            armed = .readable
        } catch {
            close(.brokenOff)
        }
    }

    /// Ends the connection now; whatever waits for it hears that it broke off.
    func close(_ reason: CloseReason) {
        guard !isClosed else { return }
        if isAnswerUnfinished || reason == .stalledReader {
            resetOnClose()
        } else if reason != .brokenOff {
            tls?.sendCloseNotify()
        }
        isClosed = true
        if let registration { loop.remove(registration, descriptor) }
        registration = nil
        context.output.removeAll()
        pending.removeAll()
        endFile(isComplete: false)
        let (waiting, exchange, http2) = (whenDrained, exchange, http2)
        whenDrained = []
        self.exchange = nil
        self.http2 = nil
        tls = nil
        unread = []
        Glibc.close(descriptor)
        context.connections[ObjectIdentifier(self)] = nil
        context.open.wrappingSubtract(1, ordering: .relaxed)
        context.server.connections.wrappingSubtract(1, ordering: .relaxed)
        context.server.onClose?(clientAddress, reason)
        for continuation in waiting { continuation.resume(throwing: AnswerBrokenOff()) }
        exchange?.connectionEnded(reason)
        http2?.connectionLost()
    }

    private var isAnswerUnfinished: Bool { isSending || exchange?.isAnswering == true }

    /// Nobody may take the end of the connection for the end of an answer; and the system must not keep what a client that
    /// does not read will never take.
    private func resetOnClose() {
        var now = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout.size(ofValue: now)))
    }

    // MARK: Events

    func ready(_ events: EventSet) {
        guard !isClosed else { return }
        assert(context.output.isEmpty, "another connection's output was not sent")
        if events.contains(.writable) {
            guard send() else { return }
            if !isSending { useUnread() }
            guard !isClosed else { return }
        }
        guard !events.isDisjoint(with: [.readable, .broken]) else { return receiveHeld() }
        if wantsInput {
            receive()
        } else if events.contains(.broken) {
            inputBroke()
        } else {
            // What the client sends ahead waits in the kernel; only now it is worth a call to say so.
            arm(armed.subtracting(.readable))
        }
    }

    /// Waits for what there is a use for.
    func updateInterest() {
        guard !isClosed else { return }
        var events = armed
        if isSending {
            if !armed.contains(.writable) { noteProgress() }
            events.insert(.writable)
        } else {
            events.remove(.writable)
        }
        if wantsInput { events.insert(.readable) } else if lingering != nil { events.remove(.readable) }
        arm(events)
    }

    private func arm(_ events: EventSet) {
        guard events != armed, let registration else { return }
        armed = events
        loop.modify(registration, descriptor, events)
    }

    /// Whether bytes of an answer wait for the socket.
    var isSending: Bool { !pending.isEmpty || file != nil || hasMoreFrames || tls?.isBlocked == true }

    /// Whether there is a use for what the client sends.
    var wantsInput: Bool {
        if hasInputEnded { return false }
        if let lingering { return lingering.deadline != nil && lingering.dropped < ConnectionLimits.lingerBytes }
        if let http2 { return !http2.isReadingPaused }
        if let exchange { return exchange.wantsInput }
        return !isSending
    }

    func outputIsReady() {
        guard !isClosed, send() else { return }
        // Whoever has something to send may have a use for input again, too.
        receiveHeldLater()
    }
}
