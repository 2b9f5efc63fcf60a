// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import HTTPMessages
import Loops
import Synchronization

/// A client connection on one loop, from accept to close.
///
/// It moves bytes between the socket and the protocol: HTTP/1.1 in `Connection+HTTP1.swift`, HTTP/2 in its own type.
// Confined to the loop's thread; tasks elsewhere use `EventLoop.execute`.
final class Connection: EventTarget, HTTP2Host, @unchecked Sendable {
    let context: LoopContext
    let descriptor: Int32
    /// Whether this is a TCP socket, which has additional options.
    let isTCP: Bool
    var clientAddress: String?
    private(set) var isSecure = false
    /// The TLS layer; nil on a plain connection.
    var tls: TLSConnection?
    /// The HTTP/2 layer, once negotiated; nil for HTTP/1.1.
    var http2: HTTP2Connection?
    var hasProtocol: Bool
    /// Whether the peer is a proxy whose statements about its client are trusted.
    let isFromTrustedProxy: Bool
    /// Whether the first bytes may be a PROXY protocol header.
    var awaitsProxyHeader: Bool

    // The socket.
    private var registration: EventRegistration?
    private var armed: EventSet = []
    private(set) var isClosed = false
    var isCorked = false
    /// Whether the client has closed its side.
    var hasInputEnded = false
    /// Whether reading buffered TLS data is scheduled after the current events.
    var willReceiveLater = false

    // Pending output.
    var pending = PendingOutput()
    var file: SendingFile?
    /// Whether HTTP/2 streams have more to send after other connections had their turn.
    var hasMoreFrames = false
    var whenDrained: [CheckedContinuation<Void, any Error>] = []

    // HTTP/1.1.
    var unread: [UInt8] = []
    var scanned = 0
    var exchange: HTTP1Exchange?
    /// Whether the connection closes after the current response and ignores further requests.
    var closesAfterAnswer = false
    var lingering: Lingering?
    /// The reason for an orderly close.
    var endReason = CloseReason.answered

    // Deadlines on the loop's clock.
    var lastActivity: Int64
    var lastProgress: Int64
    /// The system's undelivered bytes at the last check since `lastProgress`.
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

    /// Starts waiting for input.
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

    /// Closes the connection immediately and fails all waiting operations.
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

    /// Makes the close send a reset.
    ///
    /// A truncated response must not look complete. The system must also not keep buffering for a client that does not read.
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
            // Data that the client sends early stays in the kernel; only now is changing the registration worth a system call.
            arm(armed.subtracting(.readable))
        }
    }

    /// Registers for the events that the connection needs.
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

    /// Whether response bytes wait for the socket.
    var isSending: Bool { !pending.isEmpty || file != nil || hasMoreFrames || tls?.isBlocked == true }

    /// Whether the protocol wants input.
    var wantsInput: Bool {
        if hasInputEnded { return false }
        if let lingering { return lingering.deadline != nil && lingering.dropped < ConnectionLimits.lingerBytes }
        if let http2 { return !http2.isReadingPaused }
        if let exchange { return exchange.wantsInput }
        return !isSending
    }

    func outputIsReady() {
        guard !isClosed, send() else { return }
        // New output can also mean that input is wanted again.
        receiveHeldLater()
    }
}
