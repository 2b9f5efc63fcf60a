// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import Glibc
import HTTPMessages

/// Output: from responses to frames.
extension HTTP2Connection {
    /// Sends a handler's response; the pieces of a streamed body follow.
    func send(_ response: Response, of stream: HTTP2Stream) {
        let head = HTTP2ResponseHead(
            status: response.status,
            headers: response.headers,
            contentLength: response.body.contentLength,
            toHead: stream.exchange?.isHead ?? false
        )
        if head.hasContent { stream.set(response.body) }
        submit(head, on: stream)
        wantsFill()
    }

    /// Sends the server's own refusal.
    func send(_ refusal: HTTP1Refusal, on stream: HTTP2Stream, toHead: Bool) {
        send(refusal.status, refusal.sentence, on: stream, toHead: toHead)
    }

    func send(_ status: HTTPResponse.Status, _ sentence: String, on stream: HTTP2Stream, toHead: Bool) {
        let text = Array((sentence + "\n").utf8)
        let head = HTTP2ResponseHead(
            status: status,
            headers: [.contentType: "text/plain; charset=utf-8"],
            contentLength: Int64(text.count),
            toHead: toHead
        )
        if head.hasContent { stream.set(.bytes(text)) }
        submit(head, on: stream)
    }

    private func submit(_ head: HTTP2ResponseHead, on stream: HTTP2Stream) {
        let shared = context.http2
        head.write(to: &shared.fields, date: context.date)
        shared.fields.withPairs { submit($0, $1, on: stream) }
    }

    /// Sends a prepared response without allocating memory.
    func send(_ answer: ImmediateAnswer, on stream: HTTP2Stream, toHead: Bool) {
        stream.immediate = answer
        if !toHead {
            switch answer.prepared.content {
            case .bytes(let bytes): stream.set(.bytes(bytes))
            case .file(let file, let size): stream.set(.file(file, 0..<size))
            }
        }
        let prepared = answer.prepared.http2.pairs
        let pairs = context.http2.pairs
        _ = pairs.update(fromContentsOf: prepared)
        context.date.withUnsafeBufferPointer { date in
            withUnsafeBytes(of: answer.variable) { variable in
                pairs[HTTP2FieldBlock.date].value = UnsafeMutablePointer(mutating: date.baseAddress)
                pairs[HTTP2FieldBlock.date].valuelen = date.count
                pairs[HTTP2FieldBlock.variable].value = UnsafeMutablePointer(
                    mutating: variable.bindMemory(to: UInt8.self).baseAddress
                )
                pairs[HTTP2FieldBlock.variable].valuelen = variable.count
                submit(pairs.baseAddress, prepared.count, on: stream)
            }
        }
    }

    /// Queues the head of a response, with the source of its content.
    private func submit(_ pairs: UnsafePointer<nghttp2_nv>?, _ count: Int, on stream: HTTP2Stream) {
        stream.hasAnswer = true
        stream.waitingSince = now
        // Without content, the head ends the stream. A separate empty frame would have to wait for flow-control credit.
        guard stream.hasContent else { return check(nghttp2_submit_response(session, stream.id, pairs, count, nil)) }
        var provider = nghttp2_data_provider()
        provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
        provider.read_callback = Self.readContent
        check(nghttp2_submit_response(session, stream.id, pairs, count, &provider))
    }

    func sendContinue(_ stream: HTTP2Stream) {
        context.http2.fields.removeAll()
        context.http2.fields.append(":status", "100")
        context.http2.fields.withPairs { pairs, count in
            check(nghttp2_submit_headers(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, nil, pairs, count, nil))
        }
    }

    // MARK: Streamed bodies

    /// Resumes a stream after its handler wrote to the body.
    func streamedBodyGrew(_ stream: HTTP2Stream) {
        guard stream.isDeferred else { return }
        stream.isDeferred = false
        stream.waitingSince = now
        check(nghttp2_session_resume_data(session, stream.id))
        wantsFill()
    }

    /// Ends a streamed body; resets the stream when the body is shorter than announced, so that it does not look complete.
    func streamedBodyEnded(_ stream: HTTP2Stream) {
        let waiting = stream.exchange?.outgoing.count ?? 0
        if let end = stream.end, stream.offset + Int64(waiting) < end { return reset(stream) }
        streamedBodyGrew(stream)
    }

    /// Aborts a response.
    func reset(_ stream: HTTP2Stream, _ code: nghttp2_error_code = NGHTTP2_INTERNAL_ERROR) {
        check(nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, code.rawValue))
        wantsFill()
    }

    // MARK: Callbacks of the library

    /// Writes a data frame to the output: its header and `length` bytes of content.
    func send(_ header: UnsafeRawBufferPointer, _ length: Int, of stream: HTTP2Stream) -> Int32 {
        guard let output else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
        guard output.count < stream.batch else {
            isBlocked = true
            return NGHTTP2_ERR_WOULDBLOCK.rawValue
        }
        let written = output.append(upTo: header.count + length) { target in
            UnsafeMutableRawBufferPointer(rebasing: target[..<header.count]).copyMemory(from: header)
            return stream.read(into: UnsafeMutableRawBufferPointer(rebasing: target[header.count...]))
                ? target.count : 0
        }
        // This error makes the library reset the stream.
        guard written > 0 else { return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue }
        stream.waitingSince = now
        flood.earn(bytes: length)
        stream.exchange?.outgoingShrank()
        return 0
    }

    /// Handles a frame that was written to `fill`'s output.
    func sent(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        switch header.type {
        case FrameScanner.FrameType.data, FrameScanner.FrameType.headers:
            guard header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0, let stream = stream(header.stream_id)
            else {
                return
            }
            sentAnswer(of: stream)
        case FrameScanner.FrameType.reset:
            let code = frame.pointee.rst_stream.error_code
            if code != NGHTTP2_NO_ERROR.rawValue { flood.fail() }
        case FrameScanner.FrameType.goAway: saidGoAway(code: frame.pointee.goaway.error_code)
        default: break
        }
    }

    private func sentAnswer(of stream: HTTP2Stream) {
        stream.isAnswered = true
        flood.earnAnswer()
        if let immediate = stream.immediate {
            stream.immediate = nil
            sentImmediate.append(immediate)
        } else if let exchange = stream.exchange {
            sentExchanges.append(exchange)
        }
        if nghttp2_session_get_stream_remote_close(session, stream.id) == 0 {
            answeredEarly.append((stream.id, now))
        }
    }

    func couldNotSend(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        guard header.type == FrameScanner.FrameType.headers, let stream = stream(header.stream_id) else { return }
        reset(stream)
    }

    /// Asks clients to stop sending bodies that are no longer needed (RFC 9113, section 8.1).
    ///
    /// It waits a tenth of a second after the response, because curl before 8.0 loses a response that arrives together with the reset.
    func resetAnsweredEarly() {
        while let first = answeredEarly.first, now - first.since >= resetDelay {
            answeredEarly.removeFirst()
            guard nghttp2_session_get_stream_remote_close(session, first.stream) == 0 else { continue }
            let code = NGHTTP2_NO_ERROR.rawValue
            check(nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), first.stream, code))
        }
    }
}
