// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import Testing

@testable import HTTPServer

/// A client of the library's own at the other end of a bench.
// Used on the bench's loop alone.
final class HTTP2Client: @unchecked Sendable {
    struct Answer: Sendable {
        var informational: [String] = []
        var status = ""
        var fields: [(name: String, value: String)] = []
        var body: [UInt8] = []
        /// Frames of content, by their sizes.
        var frames: [Int] = []
        var isEnded = false
        /// How the stream was closed, once it is.
        var code: UInt32?

        subscript(name: String) -> String? { fields.first { $0.name == name }?.value }
        var text: String { String(decoding: body, as: UTF8.self) }
    }

    /// A body on its way to the server.
    struct Upload {
        var bytes: [UInt8]
        var offset = 0
        /// More bytes may be added later.
        var isOpen = false
    }

    private(set) var session: OpaquePointer?
    private(set) var answers: [Int32: Answer] = [:]
    private(set) var uploads: [Int32: Upload] = [:]
    /// The code of the server's GOAWAY.
    private(set) var goAway: UInt32?
    private(set) var pings = 0
    private(set) var windowUpdates = 0

    init(settings: [(id: nghttp2_settings_id, value: UInt32)] = [], widens: Bool = true, validates: Bool = true) {
        var callbacks: OpaquePointer?
        nghttp2_session_callbacks_new(&callbacks)
        guard let callbacks else { return }
        Self.set(callbacks)
        var options: OpaquePointer?
        nghttp2_option_new(&options)
        nghttp2_option_set_no_auto_window_update(options, widens ? 0 : 1)
        nghttp2_option_set_no_http_messaging(options, validates ? 0 : 1)
        nghttp2_session_client_new2(&session, callbacks, Unmanaged.passUnretained(self).toOpaque(), options)
        nghttp2_option_del(options)
        nghttp2_session_callbacks_del(callbacks)
        let entries = settings.map { nghttp2_settings_entry(settings_id: Int32($0.id.rawValue), value: $0.value) }
        nghttp2_submit_settings(session, 0, entries, entries.count)
    }

    deinit { nghttp2_session_del(session) }

    /// Asks; `extra` fields follow the usual ones.
    @discardableResult
    func send(
        _ method: String = "GET",
        _ path: String = "/",
        _ extra: [(String, String)] = [],
        upload: Upload? = nil
    ) -> Int32 {
        let usual = [(":method", method), (":scheme", "https"), (":authority", "example.org"), (":path", path)]
        return send(fields: usual + extra, upload: upload)
    }

    @discardableResult
    func send(fields: [(String, String)], upload: Upload? = nil) -> Int32 {
        var list = HTTP2FieldList()
        for (name, value) in fields { list.append(name, Array(value.utf8)) }
        let id = list.withPairs { pairs, count -> Int32 in
            guard upload != nil else { return nghttp2_submit_request(session, nil, pairs, count, nil, nil) }
            var provider = nghttp2_data_provider()
            provider.read_callback = Self.read
            return nghttp2_submit_request(session, nil, pairs, count, &provider, nil)
        }
        answers[id] = Answer()
        uploads[id] = upload
        return id
    }

    /// Adds to an upload.
    func add(_ bytes: [UInt8], to id: Int32, isLast: Bool) {
        uploads[id]?.bytes += bytes
        uploads[id]?.isOpen = !isLast
        nghttp2_session_resume_data(session, id)
    }

    func reset(_ id: Int32, _ code: nghttp2_error_code = NGHTTP2_CANCEL) {
        nghttp2_submit_rst_stream(session, 0, id, code.rawValue)
    }

    func ping() { nghttp2_submit_ping(session, 0, nil) }

    /// Opens the windows by hand, of a client that was made not to do so by itself.
    func widen(_ id: Int32, by count: Int32) { nghttp2_submit_window_update(session, 0, id, count) }

    func answer(_ id: Int32) -> Answer { answers[id] ?? Answer() }

    // MARK: Bytes

    func takeOutput() -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            var frame: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(session, &frame)
            guard count > 0 else { return bytes }
            bytes += UnsafeBufferPointer(start: frame, count: count)
        }
    }

    func receive(_ bytes: [UInt8]) { nghttp2_session_mem_recv(session, bytes, bytes.count) }

    private static let read: nghttp2_data_source_read_callback = { _, id, buffer, most, flags, _, user in
        guard let client = of(user), var upload = client.uploads[id], let buffer else { return 0 }
        let count = min(most, upload.bytes.count - upload.offset)
        guard count > 0 || !upload.isOpen else { return Int(NGHTTP2_ERR_DEFERRED.rawValue) }
        upload.bytes.withUnsafeBufferPointer { bytes in
            if let base = bytes.baseAddress { buffer.update(from: base + upload.offset, count: count) }
        }
        upload.offset += count
        client.uploads[id] = upload
        if !upload.isOpen, upload.offset == upload.bytes.count { flags?.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue }
        return count
    }

    private static func set(_ callbacks: OpaquePointer) {
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _,
            frame,
            name,
            nameLength,
            value,
            length,
            _,
            user in
            guard let client = of(user), let id = frame?.pointee.hd.stream_id else { return 0 }
            let name = String(decoding: UnsafeBufferPointer(start: name, count: nameLength), as: UTF8.self)
            let value = String(decoding: UnsafeBufferPointer(start: value, count: length), as: UTF8.self)
            if name == ":status" {
                if value.hasPrefix("1") { client.answers[id]?.informational.append(value) }
                client.answers[id]?.status = value
            } else {
                client.answers[id]?.fields.append((name, value))
            }
            return 0
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, bytes, count, user in
            of(user)?.answers[id]?.body += UnsafeBufferPointer(start: bytes, count: count)
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            guard let client = of(user), let frame else { return 0 }
            let header = frame.pointee.hd
            if header.type <= 1, header.flags & 1 != 0 { client.answers[header.stream_id]?.isEnded = true }
            switch header.type {
            case FrameScanner.FrameType.data: client.answers[header.stream_id]?.frames.append(header.length)
            case FrameScanner.FrameType.goAway: client.goAway = frame.pointee.goaway.error_code
            case FrameScanner.FrameType.ping: client.pings += 1
            case FrameScanner.FrameType.windowUpdate: client.windowUpdates += 1
            default: break
            }
            return 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, user in
            of(user)?.answers[id]?.code = code
            return 0
        }
    }
}

private func of(_ user: UnsafeMutableRawPointer?) -> HTTP2Client? {
    user.map { Unmanaged<HTTP2Client>.fromOpaque($0).takeUnretainedValue() }
}

extension HTTP2Bench {
    /// Moves bytes both ways until both sides are silent.
    func exchange(with client: HTTP2Client) {
        flush()
        while true {
            let fromServer = takeSent()
            client.receive(fromServer)
            let fromClient = client.takeOutput()
            if !fromClient.isEmpty { receive(fromClient) }
            if fromServer.isEmpty, fromClient.isEmpty { return }
        }
    }

    /// Waits until something is so of a client, moving bytes meanwhile.
    func wait(
        _ what: Comment,
        of client: HTTP2Client,
        sourceLocation: SourceLocation = #_sourceLocation,
        until isSo: @escaping @Sendable (HTTP2Client) -> Bool
    ) async throws {
        try await wait(what, sourceLocation: sourceLocation) { bench in
            bench.exchange(with: client)
            return isSo(client)
        }
    }

    /// Sends a request, and waits for its answer.
    func answer(
        _ client: HTTP2Client,
        _ method: String = "GET",
        _ path: String = "/",
        _ extra: [(String, String)] = [],
        upload: HTTP2Client.Upload? = nil
    ) async throws -> HTTP2Client.Answer {
        let id = await onLoop { _ in client.send(method, path, extra, upload: upload) }
        try await wait("for an answer", of: client) { $0.answer(id).code != nil }
        return await onLoop { _ in client.answer(id) }
    }
}
