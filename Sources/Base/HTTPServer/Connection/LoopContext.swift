// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import HTTPMessages
import Loops

/// What the connections of one loop share: buffers, the date, the answers that need no wait. Used on the loop's thread alone.
final class LoopContext: @unchecked Sendable {
    let loop: EventLoop
    let handler: any RequestHandler
    let limits: ConnectionLimits
    let answers: (any ImmediateAnswers)?
    let output = OutputBuffer()
    let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 16)

    private var dateSecond = 0
    private var dateBytes = [UInt8](repeating: UInt8(ascii: " "), count: HTTPDate.length)

    init(loop: EventLoop, handler: any RequestHandler, limits: ConnectionLimits) {
        self.loop = loop
        self.handler = handler
        self.limits = limits
        answers = handler.makeImmediateAnswers()
    }

    deinit { input.deallocate() }

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
