// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2
import Loops
import Synchronization

/// The server's side of an HTTP/2 connection, between the bytes of its transport and the handler (RFC 9113).
///
/// The transport hands in what it received, and sends what `fill` gives, in this order:
///
/// - `receive` takes everything, also what is of no use any more; then comes `fill`. While `isReadingPaused`, nothing is read.
/// - `fill` gives frames as long as it returns true, each time after the frames before were sent. At its end the host calls
///   `drained` when the system took all of them; answers count as sent only then.
/// - `HTTP2Host.outputIsReady` asks for `fill`, and for a new look at `isReadingPaused` and `isFinished`; it is never called from
///   within a call of the host.
/// - Once `isFinished`, and when all that `fill` gave was sent, the transport is closed.
///
/// How long the system takes no bytes at all is the host's to judge; how long the client opens no window is judged here.
// Used on its loop's thread alone. The library calls back from within its own functions, so that the session is freed by `deinit` only.
final class HTTP2Connection {
    /// The most streams that are open at the same time.
    static let mostStreams = 128

    unowned(unsafe) let host: any HTTP2Host
    let context: LoopContext
    let session: OpaquePointer

    /// The clock as of the last tick, a tenth of a second old at most.
    var now: Int64
    var scanner = FrameScanner()
    var flood: FloodGuard
    var head = HTTP2Head()
    var streams: [HTTP2Stream] = []
    var slots = HandlerSlots()
    var credit = UploadCredit()
    /// How many bytes of bodies came that no handler took yet.
    var ahead = 0 {
        didSet { context.server.bodiesAhead.wrappingAdd(ahead - oldValue, ordering: .relaxed) }
    }
    /// The transport must not be read at the moment: a client used the credit of a fast upload, and its handler became slow.
    private(set) var isReadingPaused = false

    /// Where frames are being written to, within `fill`.
    var output: OutputBuffer?
    /// A frame did not fit into the output.
    var isBlocked = false
    /// `fill` gave bytes that were not sent to their end.
    private(set) var isUndrained = false
    /// Answers whose last byte lies in what `fill` gave.
    var sentImmediate: [ImmediateAnswer] = []
    var sentExchanges: [HTTP2Exchange] = []
    /// Exchanges whose bodies have something new.
    var changed: [HTTP2Exchange] = []
    /// Streams whose answer went out before the end of their body, and when.
    var answeredEarly: [(stream: Int32, since: Int64)] = []
    /// How long after its answer such a stream is reset, in nanoseconds.
    var resetDelay: Int64 = 100_000_000

    private var reason: CloseReason?
    /// Since when it ends; what is left to say gets a second.
    private var endsSince: Int64?
    private var hasFailed = false
    var incompleteSince: Int64?
    var idleSince: Int64
    /// The transport, or somebody who asks for `fill` at the end, is calling.
    private var isWithinCall = false
    private var isHostCalled = false
    private var isLost = false
    private(set) var isShuttingDown = false

    /// Begins a connection, with settings for the client that wait for `fill`.
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

    /// Why the connection ends, once it does.
    var closeReason: CloseReason? { reason ?? (isFinished ? isShuttingDown ? .shutdown : .clientClosed : nil) }
    /// Whether nothing more of what the client sends counts.
    var isEnding: Bool { reason != nil }

    // MARK: What the transport calls

    /// Takes bytes of the client.
    func receive(_ bytes: UnsafeRawBufferPointer) {
        guard !isEnding, !bytes.isEmpty else { return }
        isWithinCall = true
        defer { isWithinCall = false }
        scanner.scan(bytes) { flood.receive($0) }
        guard !flood.isExhausted else { return end(.flood, NGHTTP2_ENHANCE_YOUR_CALM) }
        let code = nghttp2_session_mem_recv(session, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
        if code < 0 { libraryFailed(code) }
        incompleteSince = scanner.isIncomplete ? incompleteSince ?? now : nil
        // Resets that the client provoked count, too.
        if flood.isExhausted { end(.flood, NGHTTP2_ENHANCE_YOUR_CALM) }
        if nghttp2_session_get_outbound_queue_size(session) > 1024 { end(.flood, NGHTTP2_ENHANCE_YOUR_CALM) }
        tellChanged()
        updatePause()
    }

    /// Adds frames to `output` until it is full or there are none; returns whether there is more to send now.
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

    /// Everything that `fill` gave was handed to the system.
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

    /// Whether nothing more will be read, or sent but for what `fill` gave already.
    var isFinished: Bool {
        if hasFailed { return true }
        if let endsSince, now - endsSince > 1_000_000_000 { return true }
        return nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0
    }

    /// Refuses new streams, and ends when those that are open have ended.
    func shutDown() {
        guard !isEnding, !isShuttingDown else { return }
        isShuttingDown = true
        // An incomplete head is not a request yet.
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

    /// The transport is gone: every body and every answer that waits throws.
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

    // MARK: What the streams call

    /// Ends the connection: the client is told, and what is under way fails.
    func end(_ reason: CloseReason, _ code: nghttp2_error_code) {
        guard endsSince == nil else { return }
        if self.reason == nil { self.reason = reason }
        endsSince = now
        check(nghttp2_session_terminate_session(session, code.rawValue))
    }

    /// The library ended the connection by a message to the client.
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

    /// Notes that a call of the library failed, which it does for want of memory alone.
    func check(_ code: Int32) {
        guard code < 0, nghttp2_is_fatal(code) != 0 else { return }
        hasFailed = true
        reason = .brokenOff
    }

    /// Asks for `fill` unless it is called anyway: once for all that the events and tasks at hand have to send.
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

    /// Decides whether the transport may be read.
    func updatePause() {
        let most = context.server.isFullOfBodies ? 0 : UploadCredit.connectionWindow + 64 * 1024
        let wasPaused = isReadingPaused
        isReadingPaused = wasPaused ? ahead > most / 2 : ahead > most
        guard wasPaused, !isReadingPaused else { return }
        if incompleteSince != nil { incompleteSince = now }
        if !isWithinCall { callHost() }
    }

    /// Does several things, and asks for `fill` once.
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
