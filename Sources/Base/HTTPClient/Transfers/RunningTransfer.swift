// SPDX-License-Identifier: Apache-2.0

import CCurl
import HTTPMessages

/// A transfer in progress in libcurl; confined to the client's thread.
final class RunningTransfer {
    let transfer: Transfer
    let handle: CurlHandle
    /// The reason why a callback aborted the transfer.
    private var failure: HTTPClientError?
    private let usesProxies: Bool
    private var head: ResponseHeadReader
    private var isAnswered = false
    /// Whether the end of the body is indistinguishable from truncation: libcurl does not report whether the server sent a TLS closure
    /// alert.
    private var endIsDoubtful = false
    /// The number of attempts: libcurl repeats a request when a reused connection was closed.
    private var attempts = 0
    private var piece: [UInt8] = []
    private var pieceOffset = 0
    private var isReceivingPaused = false
    private var isSendingPaused = false
    private var moved: Int64 = 0
    private var lastMoved = ContinuousClock.now

    init(_ transfer: Transfer, _ handle: CurlHandle, _ configuration: HTTPClientConfiguration) throws {
        self.transfer = transfer
        self.handle = handle
        usesProxies = configuration.proxy == .environment && configuration.unixSocketPath == nil
        head = ResponseHeadReader(limit: configuration.largestHead)
        if case .bytes(let bytes) = transfer.request.body { piece = bytes }
        try handle.prepare(transfer.request, configuration)
        // Not retained: the loop keeps this object until libcurl releases the handle.
        handle.setCallbacks(
            context: Unmanaged.passUnretained(self).toOpaque(),
            beforeRequest: { context, _, _, _, _ in
                RunningTransfer.of(context)?.begin() == true ? CURL_PREREQFUNC_OK : CURL_PREREQFUNC_ABORT
            },
            read: { bytes, size, count, context in
                guard let running = RunningTransfer.of(context), let bytes else { return Int(CURL_READFUNC_ABORT) }
                return running.fill(UnsafeMutableRawBufferPointer(start: bytes, count: size * count))
            },
            head: { bytes, size, count, context in
                let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
                return RunningTransfer.of(context)?.takeHead(line) == true ? line.count : 0
            },
            body: { bytes, size, count, context in
                guard let running = RunningTransfer.of(context) else { return 0 }
                return running.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count))
            }
        )
    }

    private static func of(_ context: UnsafeMutableRawPointer?) -> RunningTransfer? {
        context.map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
    }

    /// Resumes after the reader made room or a piece arrived.
    func resume() {
        guard isReceivingPaused || isSendingPaused else { return }
        // A direction without progress pauses again.
        isReceivingPaused = false
        isSendingPaused = false
        handle.pause(receiving: false, sending: false)
    }

    /// Reports the result of a transfer that ended on its own.
    func end(_ result: CURLcode) {
        if let failure { return transfer.fail(failure) }
        guard result == CURLE_OK else {
            let proxy = usesProxies ? EnvironmentProxy(for: transfer.request.url) : nil
            return transfer.fail(HTTPClientError(result, of: handle, isSent: attempts > 0, proxy: proxy))
        }
        guard isAnswered else { return transfer.fail(HTTPClientError.notHTTP) }
        guard !endIsDoubtful else { return transfer.fail(HTTPClientError(.brokenOff)) }
        transfer.succeed()
    }

    /// Lets libcurl detect the end of a transfer that waits for a piece, which it does not do on its own.
    func lookForEnd() {
        if isSendingPaused, isAnswered, !isReceivingPaused { resume() }
    }

    /// Returns the error for an exceeded time limit; nil when there is none.
    func expired(at now: ContinuousClock.Instant) -> HTTPClientError? {
        if let deadline = transfer.deadline, now >= deadline { return HTTPClientError(.timeout(.total)) }
        let timeouts = transfer.request.timeouts
        guard attempts > 0, let limit = isAnswered ? timeouts.idle ?? timeouts.stalled : timeouts.stalled else {
            return nil
        }
        let bytes = handle.bytes(CURLINFO_SIZE_UPLOAD_T) + handle.bytes(CURLINFO_SIZE_DOWNLOAD_T)
        if bytes != moved || isReceivingPaused || isSendingPaused {
            moved = bytes
            lastMoved = now
        }
        return now - lastMoved >= limit ? HTTPClientError(.timeout(.stalled)) : nil
    }

    /// Records that the connection is established and the request is about to be sent.
    private func begin() -> Bool {
        attempts += 1
        lastMoved = .now
        let request = transfer.request
        // The server may have processed the request before it closed the connection. A safe method may be repeated; for any other, the
        // caller must decide.
        let isHarmless = [.get, .head, .options].contains(request.method)
        guard attempts == 1 || isHarmless && !isAnswered else {
            failure = HTTPClientError(.brokenOff)
            return false
        }
        guard handle.isNamedRightly else {
            failure = HTTPClientError(.tls(.otherName))
            return false
        }
        return true
    }

    /// Fills libcurl's buffer with request data.
    private func fill(_ space: UnsafeMutableRawBufferPointer) -> Int {
        var filled = 0
        while filled < space.count {
            if pieceOffset == piece.count {
                switch transfer.outgoing?.take() ?? .end {
                case .end: return filled
                case .nothingYet:
                    guard filled == 0 else { return filled }
                    isSendingPaused = true
                    return Int(CURL_READFUNC_PAUSE)
                case .piece(let next):
                    piece = next
                    pieceOffset = 0
                    continue
                }
            }
            let count = min(space.count - filled, piece.count - pieceOffset)
            piece.withUnsafeBytes { bytes in
                UnsafeMutableRawBufferPointer(rebasing: space[filled...])
                    .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[pieceOffset..<pieceOffset + count]))
            }
            filled += count
            pieceOffset += count
        }
        return filled
    }

    private func takeHead(_ line: UnsafeRawBufferPointer) -> Bool {
        switch head.take(line) {
        case .incomplete: return true
        case .invalid:
            failure = .notHTTP
            return false
        case .complete(let head):
            isAnswered = true
            lastMoved = .now
            endIsDoubtful = transfer.server.hasPrefix("https:") && head.isOpenEnded(of: transfer.request.method)
            // libcurl stops sending when the server rejects a request before its end.
            if head.status.code >= 300 { transfer.outgoing?.close() }
            transfer.answer.tell(.success(head))
            return true
        }
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Int {
        if transfer.incoming.append(bytes) { return bytes.count }
        isReceivingPaused = true
        return Int(CURL_WRITEFUNC_PAUSE)
    }
}
