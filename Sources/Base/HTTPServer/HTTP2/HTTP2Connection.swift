// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import Loops
import Synchronization

/// The server side of an HTTP/2 connection, between the transport's bytes and the handler (RFC 9113).
///
/// The transport passes in what it receives and sends what `fill` produces, according to these rules:
///
/// - `receive` takes all bytes, also those that are no longer needed; `fill` must follow. While `isReadingPaused`, the host reads nothing.
/// - `fill` must be called again while it returns true, each time after its frames are sent. Once the system has accepted all of them, the
///   host calls `drained`; only then do responses count as sent.
/// - `HTTP2Host.outputIsReady` asks the host to call `fill` and to check `isReadingPaused` and `isFinished`. It is never called from within
///   a call of the host.
/// - Once `isFinished` is true and all output is sent, the host closes the transport.
///
/// The host detects that the system accepts no bytes. The connection detects that the client opens no window.
// Confined to its loop's thread. The library calls back from its own functions, so only `deinit` frees the session.
final class HTTP2Connection {
    /// The maximum number of concurrent streams.
    static let mostStreams = 128

    unowned(unsafe) let host: any HTTP2Host
    let context: LoopContext
    let session: OpaquePointer

    /// The time of the last tick, at most a tenth of a second ago.
    var now: Int64
    var scanner = FrameScanner()
    var flood: FloodGuard
    var head = HTTP2Head()
    var streams: [HTTP2Stream] = []
    var slots = HandlerSlots()
    var credit = UploadCredit()
    /// The number of received body bytes that no handler has read yet.
    var ahead = 0 {
        didSet { context.server.bodiesAhead.wrappingAdd(ahead - oldValue, ordering: .relaxed) }
    }
    /// Whether the host must not read the transport: a client used its upload credit, and the handler has become slow.
    private(set) var isReadingPaused = false

    /// The output during `fill`.
    var output: OutputBuffer?
    /// Whether a frame did not fit into the output.
    var isBlocked = false
    /// Whether bytes from `fill` are not completely sent.
    private(set) var isUndrained = false
    /// The responses whose last byte is in the output of `fill`.
    var sentImmediate: [ImmediateAnswer] = []
    var sentExchanges: [HTTP2Exchange] = []
    /// The exchanges whose bodies have changed.
    var changed: [HTTP2Exchange] = []
    /// The streams whose response was sent before the end of the request body, with the time.
    var answeredEarly: [(stream: Int32, since: Int64)] = []
    /// The delay before such a stream is reset, in nanoseconds.
    var resetDelay: Int64 = 100_000_000

    private var reason: CloseReason?
    /// The time at which the connection began to end; it has one second for its remaining output.
    private var endsSince: Int64?
    private var hasFailed = false
    var incompleteSince: Int64?
    var idleSince: Int64
    /// Whether a caller is active that will call `fill` afterwards.
    private var isWithinCall = false
    private var isHostCalled = false
    private var isLost = false
    private(set) var isShuttingDown = false

    /// Creates a connection, whose settings for the client wait for `fill`.
    init(host: any HTTP2Host) {
        self.host = host
        context = host.context
        now = context.loop.now
        flood = FloodGuard(now: now)
        idleSince = now
        var session: OpaquePointer?
        let code = nghttp2_session_server_new2(&session, context.http2.callbacks, nil, context.http2.options)
        guard code == 0, let session else { preconditionFailure("out of memory for an HTTP/2 session") }
        self.session = session
        nghttp2_session_set_user_data(session, Unmanaged.passUnretained(self).toOpaque())
        submitSettings()
    }

    deinit {
        connectionLost()
        nghttp2_session_del(session)
        context.server.bodiesAhead.wrappingSubtract(ahead, ordering: .relaxed)
    }

    private func submitSettings() {
        let settings = [
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue),
                value: UInt32(Self.mostStreams)
            ),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue),
                value: UInt32(UploadCredit.streamWindow)
            ),
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue),
                value: UInt32(HTTP2Head.longest)
            ),
        ]
        let flags = UInt8(NGHTTP2_FLAG_NONE.rawValue)
        check(nghttp2_submit_settings(session, flags, settings, settings.count))
        check(nghttp2_session_set_local_window_size(session, flags, 0, Int32(UploadCredit.connectionWindow)))
    }

    /// The reason why the connection ends; nil while it is open.
    var closeReason: CloseReason? { reason ?? (isFinished ? isShuttingDown ? .shutdown : .clientClosed : nil) }
    /// Whether further input is ignored.
    var isEnding: Bool { reason != nil }

    // MARK: Calls of the transport

    /// Processes received bytes.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        guard !isEnding, !bytes.isEmpty else { return }
        isWithinCall = true
        defer { isWithinCall = false }
        scanner.scan(bytes) { flood.receive($0) }
        guard !flood.isExhausted else { return end(.flood, NGHTTP2_ENHANCE_YOUR_CALM) }
        let code = nghttp2_session_mem_recv(session, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
        if code < 0 { libraryFailed(code) }
        incompleteSince = scanner.isIncomplete ? incompleteSince ?? now : nil
        // Resets that the client provoked count as well.
        if flood.isExhausted { end(.flood, NGHTTP2_ENHANCE_YOUR_CALM) }
        if nghttp2_session_get_outbound_queue_size(session) > 1024 { end(.flood, NGHTTP2_ENHANCE_YOUR_CALM) }
        tellChanged()
        updatePause()
    }

    /// Appends frames to `output` until it is full or no more are queued; returns whether more can be sent now.
    func fill(_ output: OutputBuffer) -> Bool {
        guard !hasFailed else { return false }
        let before = output.count
        self.output = output
        isWithinCall = true
        defer {
            self.output = nil
            isWithinCall = false
            if output.count > before { isUndrained = true }
        }
        while !output.isFull {
            isBlocked = false
            var bytes: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(session, &bytes)
            if count > 0 {
                output.append(UnsafeRawBufferPointer(start: bytes, count: count))
            } else if count < 0 {
                libraryFailed(count)
                return false
            } else {
                return isBlocked
            }
        }
        return true
    }

    /// Completes responses after the system has accepted all output.
    func drained() {
        isUndrained = false
        if !answeredEarly.isEmpty { together { resetAnsweredEarly() } }
        if !sentImmediate.isEmpty {
            for answer in sentImmediate { context.answers?.ended(answer, isComplete: true) }
            sentImmediate.removeAll(keepingCapacity: true)
        }
        guard !sentExchanges.isEmpty else { return }
        for exchange in sentExchanges { exchange.answerEnded(isComplete: true) }
        sentExchanges.removeAll(keepingCapacity: true)
    }

    /// Whether the connection reads nothing more and sends only the remaining output.
    var isFinished: Bool {
        if hasFailed { return true }
        if let endsSince, now - endsSince > 1_000_000_000 { return true }
        return nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }

    /// Rejects new streams, and ends once the open streams have ended.
    func shutDown() {
        guard !isEnding, !isShuttingDown else { return }
        isShuttingDown = true
        // An incomplete header block is not a request yet.
        guard !streams.isEmpty else {
            end(.shutdown, NGHTTP2_NO_ERROR)
            return wantsFill()
        }
        let last = nghttp2_session_get_last_proc_stream_id(session)
        check(
            nghttp2_submit_goaway(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, NGHTTP2_NO_ERROR.rawValue, nil, 0)
        )
        wantsFill()
    }

    /// Fails all bodies and responses after the transport is closed.
    func connectionLost() {
        if reason == nil { reason = .brokenOff }
        hasFailed = true
        isLost = true
        slots.removeAll()
        for answer in sentImmediate { context.answers?.ended(answer, isComplete: false) }
        sentImmediate = []
        for exchange in sentExchanges { exchange.answerEnded(isComplete: false) }
        sentExchanges = []
        while let stream = streams.last { forget(stream) }
    }

    // MARK: Calls of the streams

    /// Ends the connection: notifies the client and fails all streams.
    func end(_ reason: CloseReason, _ code: nghttp2_error_code) {
        guard endsSince == nil else { return }
        if self.reason == nil { self.reason = reason }
        endsSince = now
        check(nghttp2_session_terminate_session(session, code.rawValue))
    }

    /// Records that the library has sent a GOAWAY frame with an error.
    func saidGoAway(code: UInt32) {
        guard code != NGHTTP2_NO_ERROR.rawValue else { return }
        if reason == nil { reason = .refused }
        if endsSince == nil { endsSince = now }
    }

    private func libraryFailed(_ code: Int) {
        switch nghttp2_error(rawValue: Int32(code)) {
        case NGHTTP2_ERR_BAD_CLIENT_MAGIC: end(.refused, NGHTTP2_PROTOCOL_ERROR)
        case NGHTTP2_ERR_FLOODED: end(.flood, NGHTTP2_ENHANCE_YOUR_CALM)
        default:
            hasFailed = true
            reason = .brokenOff
        }
    }

    /// Checks the result of a library call, which fails only when memory is exhausted.
    func check(_ code: Int32) {
        guard code < 0, nghttp2_is_fatal(code) != 0 else { return }
        hasFailed = true
        reason = .brokenOff
    }

    /// Schedules `fill`, once for all current events and tasks, unless the caller will call it.
    func wantsFill() {
        if !isWithinCall, hasFailed || nghttp2_session_want_write(session) != 0 { callHost() }
    }

    private func callHost() {
        guard !isHostCalled, !isLost else { return }
        isHostCalled = true
        context.loop.later { [self] in
            isHostCalled = false
            if !isLost { host.outputIsReady() }
        }
    }

    /// Updates whether the transport may be read.
    func updatePause() {
        let most = context.server.isFullOfBodies ? 0 : UploadCredit.connectionWindow + 64 * 1024
        let wasPaused = isReadingPaused
        isReadingPaused = wasPaused ? ahead > most / 2 : ahead > most
        guard wasPaused, !isReadingPaused else { return }
        if incompleteSince != nil { incompleteSince = now }
        if !isWithinCall { callHost() }
    }

    /// Performs several operations and schedules `fill` once.
    func together(_ body: () -> Void) {
        isWithinCall = true
        body()
        isWithinCall = false
        wantsFill()
    }

    private func tellChanged() {
        guard !changed.isEmpty else { return }
        let exchanges = changed
        changed.removeAll(keepingCapacity: true)
        for exchange in exchanges { exchange.bodyChanged() }
    }
}
