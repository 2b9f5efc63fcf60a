// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import HTTPMessages
import Loops
import Synchronization

/// What the connections of one loop share: buffers, the date, the answers that need no wait.
///
/// Used on the loop's thread alone.
final class LoopContext: @unchecked Sendable {
    let loop: EventLoop
    let handler: any RequestHandler
    let server: ServerState
    let answers: (any ImmediateAnswers)?
    var parser = HTTP1Parser()
    let output = OutputBuffer()
    let http2 = HTTP2Shared()
    let cipher = CipherBuffer()
    /// What was read from a socket during one event.
    let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    /// A piece of a file on its way through TLS.
    let fileBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    private var dateSecond = 0
    private var dateBytes = [UInt8](repeating: UInt8(ascii: " "), count: HTTPDate.length)

    /// How many connections this loop has, also those that it does not know yet; any thread may ask.
    let open = Atomic<Int>(0)
    /// The connections of this loop that are open, in no order.
    var connections: [ObjectIdentifier: Connection] = [:]

    init(loop: EventLoop, handler: any RequestHandler, server: ServerState) {
        self.loop = loop
        self.handler = handler
        self.server = server
        answers = handler.makeImmediateAnswers()
    }

    var limits: ConnectionLimits { server.limits }

    deinit {
        input.deallocate()
        fileBuffer.deallocate()
    }

    /// The value of `Date` now.
    var date: [UInt8] {
        let second = time(nil)
        if second != dateSecond {
            dateSecond = second
            dateBytes = HTTPDate.bytes(secondsSince1970: second)
        }
        return dateBytes
    }
}
