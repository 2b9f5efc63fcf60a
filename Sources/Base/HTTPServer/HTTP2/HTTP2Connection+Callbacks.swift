// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2

/// The library's callbacks; each only looks up the connection.
extension HTTP2Connection {
    /// Creates the callbacks for all connections of a loop.
    static func makeCallbacks() -> OpaquePointer {
        var made: OpaquePointer?
        guard nghttp2_session_callbacks_new(&made) == 0, let callbacks = made else {
            preconditionFailure("out of memory for HTTP/2")
        }
        setReceivingCallbacks(callbacks)
        setSendingCallbacks(callbacks)
        return callbacks
    }

    /// Creates the library's options.
    static func makeOptions() -> OpaquePointer {
        var made: OpaquePointer?
        guard nghttp2_option_new(&made) == 0, let options = made else {
            preconditionFailure("out of memory for HTTP/2")
        }
        // Windows grow as handlers read, not as bytes arrive.
        nghttp2_option_set_no_auto_window_update(options, 1)
        nghttp2_option_set_no_closed_streams(options, 1)
        // Far above the exact limits of `FloodGuard`; they bound what it does not see.
        nghttp2_option_set_max_outbound_ack(options, 1000)
        nghttp2_option_set_max_settings(options, 32)
        nghttp2_option_set_max_continuations(options, 8)
        nghttp2_option_set_stream_reset_rate_limit(options, 10_000, 1000)
        return options
    }

    private static func setReceivingCallbacks(_ callbacks: OpaquePointer) {
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, user in
            with(user, frame) { connection, frame in
                connection.head.begin(isTrailer: frame.pointee.headers.cat != NGHTTP2_HCAT_REQUEST)
                return 0
            }
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            _,
            _,
            name,
            nameLength,
            value,
            valueLength,
            _,
            user in
            with(user) { connection in
                connection.head.add(
                    UnsafeRawBufferPointer(start: name, count: nameLength),
                    UnsafeRawBufferPointer(start: value, count: valueLength)
                )
                return 0
            }
        }
        // Without this callback, the library ignores invalid fields (RFC 9113, section 8.2.1).
        nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks) { _, _, _, _, _, _, _, _ in
            NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            with(user, frame) { connection, frame in
                connection.received(frame)
                return 0
            }
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, bytes, count, user in
            with(user) { connection in
                connection.receivedBody(UnsafeRawBufferPointer(start: bytes, count: count), of: id)
                return 0
            }
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, _, user in
            with(user) { connection in
                if let stream = connection.stream(id) { connection.forget(stream) }
                return 0
            }
        }
    }

    private static func setSendingCallbacks(_ callbacks: OpaquePointer) {
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, user in
            with(user, frame) { connection, frame in
                connection.sent(frame)
                return 0
            }
        }
        nghttp2_session_callbacks_set_on_frame_not_send_callback(callbacks) { _, frame, _, user in
            with(user, frame) { connection, frame in
                connection.couldNotSend(frame)
                return 0
            }
        }
        nghttp2_session_callbacks_set_send_data_callback(callbacks) { _, frame, header, length, source, user in
            guard let stream = source?.pointee.ptr else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
            let header = UnsafeRawBufferPointer(start: header, count: 9)
            return with(user) { connection in
                Unmanaged<HTTP2Stream>.fromOpaque(stream)._withUnsafeGuaranteedRef {
                    connection.send(header, length, of: $0)
                }
            }
        }
    }

    /// Returns the size of the next data frame.
    static let readContent: nghttp2_data_source_read_callback = { _, _, _, most, flags, source, user in
        guard let stream = source?.pointee.ptr, let flags else { return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue) }
        return Unmanaged<HTTP2Stream>.fromOpaque(stream)._withUnsafeGuaranteedRef { stream in
            let (count, isLast) = stream.next(atMost: most)
            guard count > 0 || isLast else {
                stream.isDeferred = true
                return Int(NGHTTP2_ERR_DEFERRED.rawValue)
            }
            flags.pointee |= NGHTTP2_DATA_FLAG_NO_COPY.rawValue | (isLast ? NGHTTP2_DATA_FLAG_EOF.rawValue : 0)
            return count
        }
    }

    /// Returns the stream with an identifier; nil when the connection does not list it.
    func stream(_ id: Int32) -> HTTP2Stream? {
        nghttp2_session_get_stream_user_data(session, id).map { Unmanaged.fromOpaque($0).takeUnretainedValue() }
    }
}

@inline(__always)
private func with(_ user: UnsafeMutableRawPointer?, _ body: (HTTP2Connection) -> Int32) -> Int32 {
    guard let user else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
    return Unmanaged<HTTP2Connection>.fromOpaque(user)._withUnsafeGuaranteedRef(body)
}

@inline(__always)
private func with(
    _ user: UnsafeMutableRawPointer?,
    _ frame: UnsafePointer<nghttp2_frame>?,
    _ body: (HTTP2Connection, UnsafePointer<nghttp2_frame>) -> Int32
) -> Int32 {
    guard let frame else { return NGHTTP2_ERR_CALLBACK_FAILURE.rawValue }
    return with(user) { body($0, frame) }
}
