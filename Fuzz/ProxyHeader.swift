// SPDX-License-Identifier: Apache-2.0

@testable import HTTPServer

/// What a proxy says of its client: no bytes trap, and a header is not decided upon before it is there.
@_cdecl("LLVMFuzzerTestOneInput")
package func fuzz(_ start: UnsafeRawPointer?, _ count: Int) -> CInt {
    let bytes = Array(UnsafeRawBufferPointer(start: start, count: count))
    let whole = ProxyHeader.read(bytes)
    if case .header(let length, _) = whole {
        precondition(length <= bytes.count && length <= ProxyHeader.longest, "a header beyond its bytes")
        precondition(ProxyHeader.read(Array(bytes.prefix(length))) == whole, "what follows a header changes it")
    }
    for cut in bytes.indices.prefix(64) {
        let part = ProxyHeader.read(Array(bytes.prefix(cut)))
        precondition(part == .incomplete || part == whole, "\(cut) bytes mean something else")
    }
    return 0
}
