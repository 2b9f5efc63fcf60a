// SPDX-License-Identifier: Apache-2.0

import CNGHTTP2

/// Deadlines.
extension HTTP2Connection {
    /// Checks all deadlines; called about ten times per second.
    func tick(now: Int64) {
        self.now = now
        guard !isEnding else { return }
        flood.refill(now: now)
        together {
            resetAnsweredEarly()
            judge()
            updatePause()
        }
    }

    private func judge() {
        let idle = context.limits.idle.nanoseconds
        if let incompleteSince, !isReadingPaused, now - incompleteSince >= idle {
            end(.idle, NGHTTP2_PROTOCOL_ERROR)
        } else if streams.isEmpty {
            // Pings do not count as activity, because they request nothing.
            guard now - idleSince >= idle else { return }
            switch host.delivery(at: now) {
            case .complete: end(.idle, NGHTTP2_NO_ERROR)
            case .underWay: idleSince = now
            case .stalled: end(.stalledReader, NGHTTP2_NO_ERROR)
            }
        } else {
            judgeUploads()
            judgeReaders()
        }
    }

    /// Fails the bodies of clients that send too slowly.
    ///
    /// Time in which a client may not send does not count.
    private func judgeUploads() {
        let mayClientSend = !isReadingPaused && nghttp2_session_get_local_window_size(session) > 0
        for stream in streams {
            guard let exchange = stream.exchange, exchange.rate != nil else { continue }
            if exchange.isReading, mayClientSend, nghttp2_session_get_stream_local_window_size(session, stream.id) > 0 {
                exchange.rate?.beginWaiting(at: now)
            } else {
                exchange.rate?.receive(0, at: now)
            }
            guard exchange.rate?.isTooSlow(at: now) == true else { continue }
            exchange.rate = nil
            exchange.wantsBody = false
            exchange.failBody(.tooSlow)
        }
    }

    /// Closes the connection when the client reads no response at all, and resets individual streams that it does not read.
    private func judgeReaders() {
        // The host judges how long the system accepts no bytes; meanwhile no stream can make progress.
        guard !isUndrained else {
            for stream in streams { stream.waitingSince = now }
            return
        }
        let longest = context.limits.stalledReader.nanoseconds
        var ready = 0
        var stalled: [HTTP2Stream] = []
        for stream in streams where stream.isReadyToSend {
            ready += 1
            if now - stream.waitingSince >= longest { stalled.append(stream) }
        }
        guard !stalled.isEmpty else { return }
        if stalled.count == ready { return end(.stalledReader, NGHTTP2_NO_ERROR) }
        for stream in stalled { reset(stream, NGHTTP2_CANCEL) }
    }
}
