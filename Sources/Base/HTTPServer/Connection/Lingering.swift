// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Loops

/// The closing phase of a connection whose client may still be sending.
///
/// After a plain close, the kernel would answer further data with a reset, which destroys the response in transit (RFC 9112, section 9.6).
struct Lingering {
    var dropped = 0
    /// The deadline on the loop's clock; nil while output is pending.
    var deadline: Int64?
}

extension Connection {
    /// Half-closes the connection after the pending output, discards some input, then closes.
    func linger() {
        guard !isClosed, lingering == nil else { return }
        lingering = Lingering()
        unread = []
        // Further input is no longer decrypted, only discarded.
        tls?.sendCloseNotify()
        if isSending { updateInterest() } else { halfClose() }
    }

    /// Half-closes the socket once the system has accepted all output.
    func halfClose() {
        guard lingering != nil, lingering?.deadline == nil else { return }
        guard !hasInputEnded else { return close(endReason) }
        lingering?.deadline = loop.now + ConnectionLimits.lingerNanoseconds
        // The kernel should also stop buffering a body that is discarded.
        var size: Int32 = 64 * 1024
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        shutdown(descriptor, Int32(SHUT_WR))
        updateInterest()
    }

    func dropLingering(_ count: Int) {
        lingering?.dropped += count
        // Beyond the limit the client is blocked, and therefore finds the response. A close now would send a reset.
        updateInterest()
    }
}
