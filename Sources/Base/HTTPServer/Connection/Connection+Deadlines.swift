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

    /// Returns how much of the output the client has received; the system may still buffer a whole response.
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
            // Only output that the client does not read is left.
            close(http2.closeReason ?? .brokenOff)
        }
    }

    /// Returns whether the client has made no progress on pending output for too long.
    ///
    /// The socket becomes writable only when a good part of the system's buffer is free. The undelivered bytes in that buffer therefore
    /// count as well.
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

    /// Records that the client, or the system's buffer, has accepted output.
    func noteProgress() {
        lastProgress = loop.now
        undelivered = nil
    }

    /// Closes the connection when it is idle, otherwise after the current response.
    func shutDown() {
        guard !isClosed else { return }
        // Requests that have already arrived are still processed.
        if exchange == nil, !isSending, lingering == nil, !isShakingHands { receive() }
        guard !isClosed else { return }
        closesAfterAnswer = true
        if let http2 {
            http2.shutDown()
            return outputIsReady()
        }
        guard !isSending, lingering == nil else { return }
        guard let exchange else { return close(.shutdown) }
        // The exchange only waits for the rest of a body, which would be discarded.
        if exchange.isAnswered { endAnswered(exchange) }
    }
}
