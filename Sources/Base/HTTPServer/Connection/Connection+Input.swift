// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import HTTPMessages
import Loops

/// Input: passes bytes from the socket to the protocol.
extension Connection {
    /// The maximum number of reads of buffered TLS data per event, for fairness.
    private static let readsPerEvent = 8

    /// Receives available bytes, as far as the protocol wants input.
    func receive() {
        if awaitsProxyHeader, !readProxyHeader() { return }
        guard lingering == nil, let tls else { return receivePlain() }
        var turns = Self.readsPerEvent
        repeat {
            receive(tls)
            turns -= 1
        } while turns > 0 && hasHeld(tls)
        guard !isClosed else { return }
        // Reading may have produced records, such as key updates, which must not remain in the shared buffer.
        if !context.cipher.records(of: tls).isEmpty { _ = send() }
        if hasHeld(tls) { receiveLater() }
    }

    /// Processes data that TLS has already buffered, because epoll does not report it.
    func receiveHeld() {
        if let tls, hasHeld(tls) { receive() }
    }

    /// Processes data that TLS has buffered, after other connections had their turn.
    func receiveHeldLater() {
        if let tls, hasHeld(tls) { receiveLater() }
    }

    private func receiveLater() {
        guard !willReceiveLater else { return }
        willReceiveLater = true
        loop.later { [self] in
            willReceiveLater = false
            receiveHeld()
        }
    }

    private func hasHeld(_ tls: TLSConnection) -> Bool {
        !isClosed && self.tls === tls && lingering == nil && wantsInput && tls.hasPending
    }

    private func receive(_ tls: TLSConnection) {
        let directPieceSize = directPieceSize
        tls.readsLargeParts(directPieceSize != nil)
        if let directPieceSize {
            return receivePiece(min(directPieceSize, TLSConnection.largeReceive)) { tls.read(into: $0) }
        }
        let input = context.input
        let result = tls.read(into: input)
        chooseProtocol(tls)
        switch result {
        case .bytes(let count): take(UnsafeRawBufferPointer(rebasing: input[..<count]))
        case .wantsRead, .wantsWrite: outputIsReady()
        case .closed: inputEnded()
        case .failed(let failure): tlsFailed(failure)
        }
    }

    private func receivePlain() {
        if lingering == nil, let size = directPieceSize {
            return receivePiece(size) { self.readSocket(into: $0) }
        }
        let input = context.input
        switch readSocket(into: input) {
        case .bytes(let count): take(UnsafeRawBufferPointer(rebasing: input[..<count]))
        case .wantsRead, .wantsWrite: break
        case .closed: inputEnded()
        case .failed: inputBroke()
        }
    }

    /// Closes the connection after a socket error; irrelevant once the connection only lingers.
    func inputBroke() { close(lingering?.deadline == nil ? .brokenOff : endReason) }

    private func readSocket(into buffer: UnsafeMutableRawBufferPointer) -> TLSResult {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        if count > 0 { return .bytes(count) }
        if count == 0 { return .closed }
        return errno == EAGAIN || errno == EINTR ? .wantsRead : .failed(.socket(errno: errno))
    }

    /// The preferred size for receiving a body part without a copy; nil when the bytes need parsing.
    private var directPieceSize: Int? { unread.isEmpty ? exchange?.directPieceSize : nil }

    /// Receives a body part directly into the memory that the handler gets.
    private func receivePiece(_ size: Int, _ read: (UnsafeMutableRawBufferPointer) -> TLSResult) {
        var result = TLSResult.wantsRead
        var piece = [UInt8](unsafeUninitializedCapacity: size) { memory, initialized in
            result = read(UnsafeMutableRawBufferPointer(memory))
            if case .bytes(let count) = result { initialized = count }
        }
        switch result {
        case .bytes(let count):
            // A short piece must not retain a large allocation.
            if count < size / 4 { piece = Array(piece[...]) }
            exchange?.receive(piece: piece)
            updateInterest()
        case .wantsRead, .wantsWrite: break
        case .closed: inputEnded()
        case .failed: close(.brokenOff)
        }
    }

    private func chooseProtocol(_ tls: TLSConnection) {
        guard !hasProtocol, tls.isHandshakeDone else { return }
        hasProtocol = true
        lastActivity = loop.now
        if tls.applicationProtocol == .http2 { http2 = HTTP2Connection(host: self) }
    }

    private func tlsFailed(_ failure: TLSError) {
        switch failure {
        case .plainHTTP: refusePlain()
        case .truncated where hasProtocol && isBetweenRequests: close(.clientClosed)
        default: close(hasProtocol ? .brokenOff : .handshakeFailed)
        }
    }

    /// Responds in plain HTTP to a client that speaks plain HTTP on a TLS port.
    private func refusePlain() {
        tls = nil
        refuse(.plainOnTLS)
    }

    /// Whether the handshake is still in progress.
    var isShakingHands: Bool { !hasProtocol }

    private var isBetweenRequests: Bool { exchange == nil && http2 == nil && unread.isEmpty }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        if lingering != nil { return dropLingering(bytes.count) }
        if let http2 { http2.receive(bytes) } else { receiveHTTP1(bytes) }
        if !isClosed { _ = send() }
    }

    /// Handles a half-close: closes the connection between requests; within a request, the response is still sent.
    private func inputEnded() {
        hasInputEnded = true
        if lingering != nil { return close(endReason) }
        if http2 != nil { return close(.clientClosed) }
        guard let exchange else { return close(unread.isEmpty ? .clientClosed : .brokenOff) }
        closesAfterAnswer = true
        // Unprocessed bytes come first.
        if unread.isEmpty { exchange.inputEnded() }
        updateInterest()
    }
}

/// The PROXY protocol header before the first byte of a connection.
extension Connection {
    /// Reads a trusted proxy's header; returns false when no further bytes may be read yet.
    ///
    /// The method reads nothing beyond the header from the socket, because TLS may follow. An incomplete header stays in `unread`.
    private func readProxyHeader() -> Bool {
        let known = unread.count
        var bytes = unread + [UInt8](repeating: 0, count: ProxyHeader.longest)
        let count = bytes.withUnsafeMutableBytes {
            recv(descriptor, $0.baseAddress.map { $0 + known }, ProxyHeader.longest, Int32(MSG_PEEK))
        }
        // The next read reports any error or end of the socket.
        guard count > 0 else { return true }
        bytes.removeLast(ProxyHeader.longest - count)
        switch ProxyHeader.read(bytes) {
        case .incomplete:
            unread = bytes
            drop(count)
            return false
        case .absent:
            awaitsProxyHeader = false
            // The data began with letters like a header, which no TLS record does.
            guard tls != nil, known > 0 else { return true }
            unread = []
            refusePlain()
            return false
        case .invalid:
            close(.refused)
            return false
        case .header(let length, let client):
            drop(length - known)
            unread = []
            awaitsProxyHeader = false
            if let client { clientAddress = client.text }
            return true
        }
    }

    private func drop(_ count: Int) {
        var bytes = [UInt8](repeating: 0, count: count)
        recv(descriptor, &bytes, count, 0)
    }

    /// Returns the origin of a request, based on the fields of a trusted proxy.
    func origin(of headers: HTTPFields) -> RequestOrigin {
        let peer = RequestOrigin(clientAddress: clientAddress, isSecure: isSecure)
        guard isFromTrustedProxy else { return peer }
        return RequestOrigin.of(headers, from: peer, trusting: context.server.proxies)
    }
}
