// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// What a connection is in the middle of, as far as the guard must know; a value without I/O, with the clock passed in.
struct ConnectionProgress {
    /// A rest of a body that is read and dropped, so that the connection can be used again.
    static let toleratedRest: Int64 = 64 * 1024
    /// How much of a refused body is read before the connection only waits for the client to close.
    static let lingerLimit: Int64 = 128 * 1024

    private enum Inbound {
        case idle
        /// A head has come; the end has not.
        case receiving(remaining: Int64?, waitsForContinue: Bool)
        /// The response is complete, the body is dropped, the connection will close.
        case lingering(dropped: Int64)
    }

    private let limits: Limits
    private var inbound = Inbound.idle
    private var upload: RateWindow
    /// Requests whose answer is not complete.
    private var unanswered = 0
    private var lastActivity: ContinuousClock.Instant
    private var unwritten = 0
    private var lastWrite: ContinuousClock.Instant?
    private var closesAfterResponse = false
    /// Whether the last request said that the connection ends with it.
    var endsWithRequest = false

    init(limits: Limits, at now: ContinuousClock.Instant) {
        self.limits = limits
        upload = RateWindow(leastRate: limits.uploadRate, length: limits.uploadWindow)
        lastActivity = now
    }

    /// Whether a request's end is still to come.
    var isReceiving: Bool {
        if case .receiving = inbound { true } else { false }
    }

    /// Whether an answer is still to come.
    var isAnswering: Bool { unanswered > 0 }

    /// Whether what comes in is dropped.
    var isLingering: Bool {
        if case .lingering = inbound { true } else { false }
    }

    /// Whether more may be read from the socket.
    var mayRead: Bool {
        if case .lingering(let dropped) = inbound { dropped < Self.lingerLimit } else { true }
    }

    // MARK: Inbound

    /// A request begins; `remaining` is the size of its body, nil when that is not known.
    mutating func receiveHead(remaining: Int64?, expectsContinue: Bool) {
        unanswered += 1
        upload = RateWindow(leastRate: limits.uploadRate, length: limits.uploadWindow)
        inbound = .receiving(remaining: remaining, waitsForContinue: expectsContinue)
    }

    mutating func receiveBody(_ count: Int, at now: ContinuousClock.Instant) {
        upload.receive(count, at: now)
        switch inbound {
        case .idle: break
        case .receiving(let remaining, waitsForContinue: _):
            inbound = .receiving(remaining: remaining.map { $0 - Int64(count) }, waitsForContinue: false)
        case .lingering(let dropped): inbound = .lingering(dropped: dropped + Int64(count))
        }
    }

    /// The request is complete; true when the connection was only waiting for that to close.
    mutating func receiveEnd() -> Bool {
        if case .lingering = inbound { return true }
        inbound = .idle
        return false
    }

    mutating func requestRead(at now: ContinuousClock.Instant) {
        if isReceiving { upload.beginWaiting(at: now) }
    }

    // MARK: Outbound

    mutating func sendContinue() {
        if case .receiving(let remaining, waitsForContinue: _) = inbound {
            inbound = .receiving(remaining: remaining, waitsForContinue: false)
        }
    }

    /// A final response begins; true when it must announce that the connection closes, since the body will not be read.
    mutating func sendHead() -> Bool {
        guard case .receiving(let remaining, let waitsForContinue) = inbound else { return false }
        closesAfterResponse = waitsForContinue || (remaining ?? .max) > Self.toleratedRest
        return closesAfterResponse
    }

    /// What becomes of the connection when a response is complete.
    enum AfterResponse {
        case goesOn
        /// The body is complete after all, but the end of the connection was announced.
        case closes
        /// What still comes of the body is dropped for a while.
        case lingers
    }

    /// The response is complete.
    mutating func sendEnd(at now: ContinuousClock.Instant) -> AfterResponse {
        unanswered -= 1
        lastActivity = now
        guard closesAfterResponse else { return .goesOn }
        guard isReceiving else { return .closes }
        inbound = .lingering(dropped: 0)
        return .lingers
    }

    mutating func beginWrite(at now: ContinuousClock.Instant) {
        if unwritten == 0 { lastWrite = now }
        unwritten += 1
    }

    /// A part of what is being written has left.
    mutating func noteWrite(at now: ContinuousClock.Instant) {
        lastWrite = now
    }

    mutating func finishWrite(at now: ContinuousClock.Instant) {
        unwritten -= 1
        lastWrite = now
        lastActivity = now
    }

    /// A request was answered before it came here.
    mutating func noteActivity(at now: ContinuousClock.Instant) {
        lastActivity = now
    }

    // MARK: Time

    enum Verdict {
        case fine
        case uploadTooSlow
        case readerStalled
        case silent
    }

    mutating func judge(at now: ContinuousClock.Instant) -> Verdict {
        if isReceiving, upload.isTooSlow(at: now) { return .uploadTooSlow }
        if unwritten > 0, let lastWrite, now - lastWrite >= limits.stalledReader { return .readerStalled }
        if unanswered == 0, unwritten == 0, !isLingering, now - lastActivity >= limits.idleTimeout { return .silent }
        return .fine
    }
}
