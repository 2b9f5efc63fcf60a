// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// The connection below HTTP/2, as its streams see it.
///
/// Everything happens on the loop's thread.
protocol HTTP2Host: AnyObject {
    /// Buffers, limits, handler, clock and loop.
    var context: LoopContext { get }
    var clientAddress: String? { get }
    var isSecure: Bool { get }
    /// Whether the peer may say for whom it asks.
    var isFromTrustedProxy: Bool { get }
    /// Where a request came from, by what a trusted proxy says in its fields.
    func origin(of headers: HTTPFields) -> RequestOrigin

    /// Something can be sent that was not there before, outside of `receive`: the host soon calls `fill` and sends.
    func outputIsReady()
}
