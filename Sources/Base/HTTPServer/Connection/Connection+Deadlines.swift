// SPDX-License-Identifier: Apache-2.0

import CLinux
import Loops

extension Connection {
    func tick() {
        guard !isClosed else { return }
        let now = loop.now
        let limits = context.limits
        if let deadline = lingering?.deadline {
            if now >= deadline { close(endReason) }
            return
        }
        if isShakingHands {
            let longest = min(limits.idle.nanoseconds, ConnectionLimits.handshakeNanoseconds)
            if now - lastActivity >= longest { close(.handshakeTimeout) }
            return
        }
        if isSending, hasStalled(now) { return close(.stalledReader) }
        if let http2 { return tick(http2, now) }
        if isSending { return }
        if let exchange {
            guard exchange.isUploadTooSlow(at: now) else { return }
            exchange.fail(.tooSlow)
            if exchange.isAnswered { close(.slowUpload) }
            return
        }
        guard now - lastActivity >= limits.idle.nanoseconds else { return }
        switch delivery(at: now) {
        case .complete: close(.idle)
        case .underWay: lastActivity = now
        case .stalled: close(.stalledReader)
        }
    }

    /// How far the client has taken what was handed to the system, which may hold a whole answer for it.
    func delivery(at now: Int64) -> Delivery {
        guard linux_undelivered(descriptor) > 0 else { return .complete }
        return hasStalled(now) ? .stalled : .underWay
    }

    private func tick(_ http2: HTTP2Connection, _ now: Int64) {
        http2.tick(now: now)
        guard !isClosed else { return }
        if !isSending {
            outputIsReady()
        } else if http2.isFinished, now - lastProgress >= 1_000_000_000 {
            // It has nothing to say any more but what its client does not take.
            close(http2.closeReason ?? .brokenOff)
        }
    }

    /// Whether the client has taken nothing of what waits for it, for too long.
    ///
    /// The system asks for more only when a good part of its own buffer is free. So what it still holds counts, too.
    private func hasStalled(_ now: Int64) -> Bool {
        guard let known = undelivered else {
            undelivered = linux_undelivered(descriptor)
            return false
        }
        guard now - lastProgress >= context.limits.stalledReader.nanoseconds else { return false }
        let left = linux_undelivered(descriptor)
        guard left < known else { return true }
        noteProgress()
        undelivered = left
        return false
    }

    /// The client, or the system for it, has taken something.
    func noteProgress() {
        lastProgress = loop.now
        undelivered = nil
    }

    /// Ends the connection when nothing is under way, else after the answer that is.
    func shutDown() {
        guard !isClosed else { return }
        // What has arrived before is still answered.
        if exchange == nil, !isSending, lingering == nil, !isShakingHands { receive() }
        guard !isClosed else { return }
        closesAfterAnswer = true
        if let http2 {
            http2.shutDown()
            return outputIsReady()
        }
        guard !isSending, lingering == nil else { return }
        guard let exchange else { return close(.shutdown) }
        // Only the rest of a body is waited for, to be dropped.
        if exchange.isAnswered { endAnswered(exchange) }
    }
}
