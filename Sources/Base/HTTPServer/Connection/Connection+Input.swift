// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import HTTPMessages
import Loops

/// Bytes from the socket to the protocol above.
extension Connection {
    /// How often one event takes what TLS holds, before others get their turn.
    private static let readsPerEvent = 8

    /// Receives what has arrived, as far as there is a use for it.
    func receive() {
        if awaitsProxyHeader, !readProxyHeader() { return }
        guard lingering == nil, let tls else { return receivePlain() }
        var turns = Self.readsPerEvent
        repeat {
            receive(tls)
            turns -= 1
        } while turns > 0 && hasHeld(tls)
        guard !isClosed else { return }
        // Reading may have made records, such as new keys, which no other connection must find.
        if !context.cipher.records(of: tls).isEmpty { _ = send() }
        if hasHeld(tls) { receiveLater() }
    }

    /// Takes what TLS holds already: the socket will not announce it.
    func receiveHeld() {
        if let tls, hasHeld(tls) { receive() }
    }

    /// The same, when others have had their turn.
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

    /// The socket is broken; of no matter once the end of the connection is only waited for.
    func inputBroke() { close(lingering?.deadline == nil ? .brokenOff : endReason) }

    private func readSocket(into buffer: UnsafeMutableRawBufferPointer) -> TLSResult {
        let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
        if count > 0 { return .bytes(count) }
        if count == 0 { return .closed }
        return errno == EAGAIN || errno == EINTR ? .wantsRead : .failed(.socket(errno: errno))
    }

    /// How large a part of a body is best received without a copy; nil when what comes must be looked at.
    private var directPieceSize: Int? { unread.isEmpty ? exchange?.directPieceSize : nil }

    /// Receives a part of a body straight into the memory that the handler gets.
    private func receivePiece(_ size: Int, _ read: (UnsafeMutableRawBufferPointer) -> TLSResult) {
        var result = TLSResult.wantsRead
        var piece = [UInt8](unsafeUninitializedCapacity: size) { memory, initialized in
            result = read(UnsafeMutableRawBufferPointer(memory))
            if case .bytes(let count) = result { initialized = count }
        }
        switch result {
        case .bytes(let count):
            // A short piece must not hold the memory of a long one.
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

    private func tlsFailed(_ failure: TLSFailure) {
        switch failure {
        case .plainHTTP: refusePlain()
        case .truncated where hasProtocol && isBetweenRequests: close(.clientClosed)
        default: close(hasProtocol ? .brokenOff : .handshakeFailed)
        }
    }

    /// Whoever speaks plain HTTP where TLS is spoken can be told so in plain HTTP.
    private func refusePlain() {
        tls = nil
        refuse(.plainOnTLS)
    }

    /// Whether the handshake is still under way.
    var isShakingHands: Bool { !hasProtocol }

    private var isBetweenRequests: Bool { exchange == nil && http2 == nil && unread.isEmpty }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        if lingering != nil { return dropLingering(bytes.count) }
        if let http2 { http2.receive(bytes) } else { receiveHTTP1(bytes) }
        if !isClosed { _ = send() }
    }

    /// The client has closed its side: between two requests that is the end, within one the answer is still sent.
    private func inputEnded() {
        hasInputEnded = true
        if lingering != nil { return close(endReason) }
        if http2 != nil { return close(.clientClosed) }
        guard let exchange else { return close(unread.isEmpty ? .clientClosed : .brokenOff) }
        closesAfterAnswer = true
        // What waits to be looked at comes first.
        if unread.isEmpty { exchange.inputEnded() }
        updateInterest()
    }
}

/// What a proxy says before the connection's first byte.
extension Connection {
    /// Takes what a trusted proxy says first; false when there is nothing else to read yet.
    ///
    /// Nothing behind it is taken from the socket: that may be TLS. A part of it waits in `unread`.
    private func readProxyHeader() -> Bool {
        let known = unread.count
        var bytes = unread + [UInt8](repeating: 0, count: ProxyHeader.longest)
        let count = bytes.withUnsafeMutableBytes {
            recv(descriptor, $0.baseAddress.map { $0 + known }, ProxyHeader.longest, Int32(MSG_PEEK))
        }
        // What the socket has to say otherwise is heard by the next read.
        guard count > 0 else { return true }
        bytes.removeLast(ProxyHeader.longest - count)
        switch ProxyHeader.read(bytes) {
        case .incomplete:
            unread = bytes
            drop(count)
            return false
        case .absent:
            awaitsProxyHeader = false
            // It has begun like a header, that is in letters, as no record of TLS does.
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

    /// Where a request came from, by what a trusted proxy says in its fields.
    func origin(of headers: HTTPFields) -> RequestOrigin {
        let peer = RequestOrigin(clientAddress: clientAddress, isSecure: isSecure)
        guard isFromTrustedProxy else { return peer }
        return RequestOrigin.of(headers, from: peer, trusting: context.server.proxies)
    }
}
