// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import HTTPMessages
import Loops
import Synchronization

/// The state shared by a loop's connections: buffers, the date and immediate responses.
///
/// Confined to the loop's thread.
final class LoopContext: @unchecked Sendable {
    let loop: EventLoop
    let handler: any RequestHandler
    let server: ServerState
    let answers: (any ImmediateAnswers)?
    var parser = HTTP1Parser()
    let output = OutputBuffer()
    let http2 = HTTP2Shared()
    let cipher = CipherBuffer()
    /// The bytes read from a socket during one event.
    let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)
    /// A part of a file to be encrypted.
    let fileBuffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    private var dateSecond = 0
    private var dateBytes = [UInt8](repeating: UInt8(ascii: " "), count: HTTPDate.length)

    /// The number of connections assigned to this loop, including those not registered yet; readable from any thread.
    let open = Atomic<Int>(0)
    /// The open connections of this loop, in no order.
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

    /// The current value of `Date`.
    var date: [UInt8] {
        let second = time(nil)
        if second != dateSecond {
            dateSecond = second
            dateBytes = HTTPDate.bytes(secondsSince1970: second)
        }
        return dateBytes
    }
}
