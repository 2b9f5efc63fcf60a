// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import HTTPMessages
import Loops
import Synchronization

/// Input: from request frames to handlers.
extension HTTP2Connection {
    /// Handles a valid frame; for a data frame, its content is reported separately.
    func received(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        let endsStream = header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
        switch header.type {
        case FrameScanner.FrameType.headers where frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST:
            headIsComplete(header.stream_id, isWhole: endsStream)
        case FrameScanner.FrameType.data
        where !endsStream && header.length > 0 && frame.pointee.data.padlen == header.length:
            flood.receivePadding()
        case FrameScanner.FrameType.headers where endsStream, FrameScanner.FrameType.data where endsStream:
            guard let exchange = stream(header.stream_id)?.exchange else { return }
            exchange.body.complete()
            exchange.rate = nil
            changed.append(exchange)
        default: break
        }
    }

    private func headIsComplete(_ id: Int32, isWhole: Bool) {
        // The client learns that the server is stopping and that it did not process this request.
        guard !isShuttingDown else { return refuse(id) }
        if let refusal = head.refusal() { return send(refusal, on: open(id), toHead: head.isHead) }
        // Without a trusted proxy, these fields are ignored. With one, the regular path evaluates them.
        if !host.isFromTrustedProxy { head.known.remove(.forwarded) }
        if isWhole, let answers = context.answers,
            let answer = answers.answer(to: head.view(clientAddress: host.clientAddress, isSecure: host.isSecure))
        {
            return send(answer, on: open(id), toHead: head.isHead)
        }
        let isHead = head.isHead
        let isUpload = !isWhole && !isHead && !head.isGet
        guard !isUpload || !slots.isFullOfUploads else { return refuse(id) }
        let stream = open(id)
        let exchange = HTTP2Exchange(self, stream, isUpload: isUpload, isHead: isHead)
        stream.exchange = exchange
        exchange.contentLength = isWhole ? 0 : head.contentLength
        exchange.request = request(of: exchange, body: isWhole ? .empty : RequestBody(exchange))
        if isWhole { exchange.body.complete() } else { expectBody(exchange) }
        if slots.add(exchange) { start(exchange) }
    }

    private func request(of exchange: HTTP2Exchange, body: RequestBody) -> Request {
        let headers = head.headers()
        let origin = host.origin(of: headers)
        return Request(
            method: HTTPRequest.Method(head.text(head.method)),
            target: head.text(head.path),
            version: .http2,
            headers: headers,
            contentLength: exchange.contentLength,
            body: body,
            clientAddress: origin.clientAddress,
            isSecure: origin.isSecure
        )
    }

    private func expectBody(_ exchange: HTTP2Exchange) {
        exchange.expectsContinue = head.known.contains(.expect) && exchange.contentLength != 0
        let limits = context.limits
        exchange.rate = RateWindow(leastRate: limits.uploadRate, length: limits.uploadWindow.nanoseconds)
    }

    /// Refuses a request without processing it, so that the client may safely retry it (RFC 9113, section 8.7).
    private func refuse(_ id: Int32) {
        let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        check(nghttp2_submit_rst_stream(session, flags, id, NGHTTP2_REFUSED_STREAM.rawValue))
    }

    private func open(_ id: Int32) -> HTTP2Stream {
        let stream = context.http2.makeStream()
        stream.id = id
        stream.index = streams.count
        streams.append(stream)
        nghttp2_session_set_stream_user_data(session, id, Unmanaged.passUnretained(stream).toOpaque())
        return stream
    }

    /// Removes a stream that has ended.
    func forget(_ stream: HTTP2Stream) {
        nghttp2_session_set_stream_user_data(session, stream.id, nil)
        if let last = streams.popLast(), last !== stream {
            last.index = stream.index
            streams[stream.index] = last
        }
        if streams.isEmpty { idleSince = now }
        if let immediate = stream.immediate { context.answers?.ended(immediate, isComplete: false) }
        if let exchange = stream.exchange {
            if !stream.isAnswered { exchange.answerEnded(isComplete: false) }
            if slots.remove(exchange) {
                exchange.request = nil
                dropBody(of: exchange)
            }
            giveBackCredit(of: exchange)
            exchange.streamClosed()
        }
        context.http2.recycle(stream)
    }

    // MARK: Handlers

    private static let noAnswer = "internal error: the server produced no response; report this to its administrator"

    private func start(_ exchange: HTTP2Exchange) {
        guard let request = exchange.request else { return }
        exchange.request = nil
        let context = context
        context.server.handlers.wrappingAdd(1, ordering: .relaxed)
        context.loop.startTask {
            await context.handler.handle(request, answer: AnswerWriter(exchange))
            exchange.handlerReturned()
            context.server.handlers.wrappingSubtract(1, ordering: .relaxed)
        }
    }

    /// Releases the slot of a handler that has returned.
    func handlerReturned(_ exchange: HTTP2Exchange) {
        together {
            dropBody(of: exchange)
            if let stream = exchange.stream, !exchange.hasAnswer {
                exchange.hasNoAnswer()
                send(.internalServerError, Self.noAnswer, on: stream, toHead: exchange.isHead)
            }
            if let next = slots.ended(exchange) { start(next) }
        }
    }
}

/// Request bodies.
extension HTTP2Connection {
    /// Handles content, which has reduced the client's windows.
    func receivedBody(_ bytes: UnsafeRawBufferPointer, of id: Int32) {
        guard let exchange = stream(id)?.exchange, exchange.wantsBody, !exchange.body.isOver else {
            // The stream's own window is not restored.
            return check(nghttp2_session_consume_connection(session, bytes.count))
        }
        exchange.body.append(bytes)
        exchange.rate?.receive(bytes.count, at: now)
        ahead += bytes.count
        flood.earn(bytes: bytes.count)
        if exchange.isReading, changed.last !== exchange { changed.append(exchange) }
    }

    /// Restores the client's windows after a handler read bytes, or once no handler will read them.
    func bodyWasRead(_ count: Int, of exchange: HTTP2Exchange) {
        ahead -= count
        if let stream = exchange.stream {
            check(nghttp2_session_consume(session, stream.id, count))
        } else {
            check(nghttp2_session_consume_connection(session, count))
        }
        updatePause()
        wantsFill()
    }

    private func dropBody(of exchange: HTTP2Exchange) {
        exchange.wantsBody = false
        let count = exchange.body.removeAll()
        guard count > 0 else { return }
        ahead -= count
        check(nghttp2_session_consume_connection(session, count))
        updatePause()
    }

    /// Prepares a stream for the first read of its body.
    func firstRead(_ exchange: HTTP2Exchange) {
        guard let stream = exchange.stream, !exchange.hasAnswer, !exchange.body.isOver else { return }
        if exchange.expectsContinue, exchange.body.received == 0 { sendContinue(stream) }
        // The received bytes have also used the window. The credit lets the client send a body that fits without another round trip.
        exchange.credit = credit.lend(for: exchange.contentLength)
        if exchange.credit > 0 {
            let window = nghttp2_session_get_stream_effective_local_window_size(session, stream.id)
            setWindow(of: stream.id, to: Int(window) + exchange.credit)
            setWindow(of: 0, to: UploadCredit.connectionWindow + credit.lent)
        }
        wantsFill()
    }

    private func giveBackCredit(of exchange: HTTP2Exchange) {
        guard exchange.credit > 0 else { return }
        credit.giveBack(exchange.credit)
        exchange.credit = 0
        setWindow(of: 0, to: UploadCredit.connectionWindow + credit.lent)
    }

    private func setWindow(of id: Int32, to size: Int) {
        check(nghttp2_session_set_local_window_size(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, Int32(size)))
    }

    /// Starts measuring the upload rate, because a handler waits for a piece.
    func waitsForBody(_ exchange: HTTP2Exchange) { exchange.rate?.beginWaiting(at: now) }
}
