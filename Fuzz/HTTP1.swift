// SPDX-License-Identifier: Apache-2.0

import HTTP1Stream

/// Requests on a connection: no bytes trap, and how they are cut makes no difference.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeRawBufferPointer(start: start, count: count))
    let whole = HTTP1Stream.lines(of: bytes)
    let step = 1 + bytes.reduce(0) { ($0 &* 31 &+ Int($1)) & 63 }
    precondition(HTTP1Stream.lines(of: bytes, step: step) == whole, "\(step) bytes at a time mean something else")
    return 0
}
