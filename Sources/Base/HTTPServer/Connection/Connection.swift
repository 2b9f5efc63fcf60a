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
    private(set) var clientAddress: String?
    private(set) var isSecure = false
    /// The TLS below the protocol; nil on a plain connection.
    private(set) var tls: TLSConnection?
    /// HTTP/2, once it was agreed on; HTTP/1.1 is spoken otherwise.
    private(set) var http2: HTTP2Connection?
    private var hasProtocol: Bool
    /// Whether the peer may say for whom it asks.
    let isFromTrustedProxy: Bool
    /// The first bytes may be the word of a proxy about its client.
    private(set) var awaitsProxyHeader: Bool

    // The socket.
    private var registration: EventRegistration?
    private var armed: EventSet = []
    private(set) var isClosed = false
    var isCorked = false
    /// The client will send nothing more.
    var hasInputEnded = false

    // What is on its way out.
    var pending = PendingOutput()
    var file: OutgoingFile?
    /// The streams of HTTP/2 have more to send, for which others had to wait.
    var hasMoreFrames = false
    var whenDrained: CheckedContinuation<Void, any Error>?

    // HTTP/1.1.
    var unread: [UInt8] = []
    var scanned = 0
    var exchange: HTTP1Exchange?
    var closesAfterAnswer = false
    var lingering: Lingering?

    // Deadlines, on the loop's clock.
    var lastActivity: Int64
    var lastProgress: Int64

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
        guard !context.server.isStopping else { return close(.shutdown) }
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
        isClosed = true
        if let registration { loop.remove(registration, descriptor) }
        registration = nil
        context.output.removeAll()
        pending.removeAll()
        endFile(isComplete: false)
        let (drained, exchange, http2) = (whenDrained, exchange, http2)
        whenDrained = nil
        self.exchange = nil
        self.http2 = nil
        tls = nil
        if reason == .stalledReader { dropUnsent() }
        Glibc.close(descriptor)
        context.connections[ObjectIdentifier(self)] = nil
        context.server.connections.wrappingSubtract(1, ordering: .relaxed)
        context.server.onClose?(clientAddress, reason)
        drained?.resume(throwing: AnswerBrokenOff())
        exchange?.connectionEnded(reason)
        http2?.connectionLost()
    }

    /// Makes the close a reset: else the system would keep megabytes for a client that does not take them.
    private func dropUnsent() {
        var option = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout.size(ofValue: option)))
    }

    // MARK: Events

    func ready(_ events: EventSet) {
        guard !isClosed else { return }
        if events.contains(.writable), !send() { return }
        if events.contains(.writable), !isSending { useUnread() }
        guard !isClosed else { return }
        guard !events.isDisjoint(with: [.readable, .broken]) else { return receiveHeld() }
        if wantsInput {
            receive()
        } else if events.contains(.broken) {
            close(.brokenOff)
        } else {
            // What the client sends ahead waits in the kernel; only now it is worth a call to say so.
            arm(armed.subtracting(.readable))
        }
    }

    /// Waits for what there is a use for.
    func updateInterest() {
        guard !isClosed else { return }
        var events = armed
        if isSending { events.insert(.writable) } else { events.remove(.writable) }
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
    private var wantsInput: Bool {
        if hasInputEnded { return false }
        if let lingering { return lingering.dropped < ConnectionLimits.lingerBytes }
        if let http2 { return !http2.isReadingPaused }
        if let exchange { return exchange.wantsInput }
        return !isSending
    }

    func outputIsReady() {
        guard !isClosed else { return }
        _ = send()
    }

    // MARK: Input

    private func receive() {
        if awaitsProxyHeader, !readProxyHeader() { return }
        if let size = exchange?.directPieceSize, unread.isEmpty, lingering == nil { return receivePiece(size) }
        guard lingering == nil, let tls else { return receivePlain() }
        let input = context.input
        repeat {
            switch tls.read(into: input) {
            case .bytes(let count):
                chooseProtocol(tls)
                take(UnsafeRawBufferPointer(rebasing: input[..<count]))
            case .wantsRead, .wantsWrite:
                chooseProtocol(tls)
                return outputIsReady()
            case .closed: return inputEnded()
            case .failed(let failure): return tlsFailed(failure)
            }
        } while !isClosed && wantsInput && tls.hasPending
    }

    /// Takes what a trusted proxy says first; false when there is nothing else to read yet.
    private func readProxyHeader() -> Bool {
        var bytes = [UInt8](repeating: 0, count: ProxyHeader.longest)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_PEEK))
        // What the socket has to say otherwise is heard by the next read.
        guard count > 0 else { return true }
        switch ProxyHeader.read(Array(bytes[..<count])) {
        case .incomplete:
            // The socket stays readable: it is looked at again with the next tick.
            arm(armed.subtracting(.readable))
            return false
        case .absent: break
        case .invalid:
            close(.refused)
            return false
        case .header(let length, let client):
            recv(descriptor, &bytes, length, 0)
            if let client { clientAddress = client.text }
        }
        awaitsProxyHeader = false
        return true
    }

    /// Where a request came from, by what a trusted proxy says in its fields.
    func origin(of headers: HTTPFields) -> RequestOrigin {
        let peer = RequestOrigin(clientAddress: clientAddress, isSecure: isSecure)
        guard isFromTrustedProxy else { return peer }
        return RequestOrigin.of(headers, from: peer, trusting: context.server.proxies)
    }

    /// Receives a part of a body straight into the memory that the handler gets.
    private func receivePiece(_ size: Int) {
        var count = 0
        var failure: TLSFailure?
        var hasEnded = false
        var piece = [UInt8](unsafeUninitializedCapacity: size) { memory, initialized in
            let memory = UnsafeMutableRawBufferPointer(memory)
            if let tls {
                switch tls.read(into: memory) {
                case .bytes(let read): count = read
                case .wantsRead, .wantsWrite: break
                case .closed: hasEnded = true
                case .failed(let cause): failure = cause
                }
            } else {
                count = recv(descriptor, memory.baseAddress, memory.count, 0)
                hasEnded = count == 0
                if count < 0, errno != EAGAIN, errno != EINTR { failure = .socket(errno: errno) }
            }
            initialized = max(0, count)
        }
        if failure != nil { return close(.brokenOff) }
        if hasEnded { return inputEnded() }
        guard count > 0 else { return }
        // A short piece must not hold the memory of a long one.
        if count < size / 4 { piece = Array(piece[...]) }
        exchange?.receive(piece: piece)
        updateInterest()
        receiveHeld()
    }

    private func receivePlain() {
        let input = context.input
        let count = recv(descriptor, input.baseAddress, input.count, 0)
        if count > 0 {
            take(UnsafeRawBufferPointer(rebasing: input[..<count]))
        } else if count == 0 {
            inputEnded()
        } else if errno != EAGAIN && errno != EINTR {
            close(.brokenOff)
        }
    }

    /// Takes what TLS holds already: the socket will not announce it.
    func receiveHeld() {
        if !isClosed, wantsInput, tls?.hasPending == true { receive() }
    }

    private func chooseProtocol(_ tls: TLSConnection) {
        guard !hasProtocol, tls.isHandshakeDone else { return }
        hasProtocol = true
        lastActivity = loop.now
        if tls.applicationProtocol == .http2 { http2 = HTTP2Connection(host: self) }
    }

    private func tlsFailed(_ failure: TLSFailure) {
        guard failure == .plainHTTP else { return close(hasProtocol ? .brokenOff : .handshakeFailed) }
        // Whoever speaks plain HTTP here can be told so in plain HTTP.
        tls = nil
        refuse(.plainOnTLS)
    }

    /// Whether the handshake is still under way.
    var isShakingHands: Bool { !hasProtocol }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        if lingering != nil { return dropLingering(bytes.count) }
        if let http2 { http2.receive(bytes) } else { receiveHTTP1(bytes) }
        if !isClosed, send() { updateInterest() }
    }

    /// The client has closed its side: between two requests that is the end, within one the answer is still sent.
    private func inputEnded() {
        hasInputEnded = true
        if lingering != nil { return close(.answered) }
        if http2 != nil { return close(.clientClosed) }
        guard let exchange else { return close(unread.isEmpty ? .clientClosed : .brokenOff) }
        closesAfterAnswer = true
        // What waits to be looked at comes first.
        if unread.isEmpty { exchange.inputEnded() }
        if !isClosed { updateInterest() }
    }
}
