// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Loops

/// The end of a connection whose client may still be sending: the kernel would answer what comes after a close by a reset,
/// which destroys the answer on its way (RFC 9112, section 9.6).
struct Lingering {
    var dropped = 0
    /// When it is over, on the loop's clock; nil as long as something is still to be sent.
    var deadline: Int64?
}

extension Connection {
    /// Half-closes the connection behind what was sent, reads a little more, then closes it.
    func linger() {
        guard !isClosed, lingering == nil else { return }
        lingering = Lingering()
        unread = []
        // What follows is not read as TLS any more, only dropped.
        tls?.sendCloseNotify()
        if isSending { updateInterest() } else { halfClose() }
    }

    /// Everything was handed to the system.
    func halfClose() {
        guard lingering != nil, lingering?.deadline == nil else { return }
        guard !hasInputEnded else { return close(endReason) }
        lingering?.deadline = loop.now + ConnectionLimits.lingerNanoseconds
        // The kernel, too, is to take no more of a body that has no use.
        var size: Int32 = 64 * 1024
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
        shutdown(descriptor, Int32(SHUT_WR))
        updateInterest()
    }

    func dropLingering(_ count: Int) {
        lingering?.dropped += count
        // From the limit on the client has to wait, and so finds the answer: a close now would be a reset.
        updateInterest()
    }
}
