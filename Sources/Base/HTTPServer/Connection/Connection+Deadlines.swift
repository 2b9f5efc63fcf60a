// SPDX-License-Identifier: Apache-2.0

import Loops

extension Connection {
    func tick() {
        guard !isClosed else { return }
        let now = loop.now
        let limits = context.limits
        if let lingering {
            if now >= lingering.deadline { close(.answered) }
            return
        }
        if awaitsProxyHeader { updateInterest() }
        if isShakingHands {
            let longest = min(limits.idle.nanoseconds, ConnectionLimits.handshakeNanoseconds)
            if now - lastActivity >= longest { close(.handshakeTimeout) }
            return
        }
        // HTTP/2 has its own deadlines, whatever the socket does.
        http2?.tick(now: now)
        guard !isClosed else { return }
        if isSending {
            if now - lastProgress >= limits.stalledReader.nanoseconds { close(.stalledReader) }
            return
        }
        if http2 != nil { return outputIsReady() }
        if let exchange {
            guard exchange.isUploadTooSlow(at: now) else { return }
            exchange.fail(.tooSlow)
            if exchange.isAnswered { close(.slowUpload) }
            return
        }
        if now - lastActivity >= limits.idle.nanoseconds { close(.idle) }
    }

    /// Ends the connection when nothing is under way, else after the answer that is.
    func shutDown() {
        guard !isClosed else { return }
        closesAfterAnswer = true
        if let http2 {
            http2.shutDown()
            return outputIsReady()
        }
        if exchange == nil, !isSending, lingering == nil { close(.shutdown) }
    }
}
