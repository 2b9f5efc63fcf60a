// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// How far a client has taken the bytes that the system holds for it.
enum Delivery {
    case complete
    case underWay
    /// It has taken none for as long as a reader may stall.
    case stalled
}

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

    /// How far the client has taken what was handed to the system.
    func delivery(at now: Int64) -> Delivery

    /// Something can be sent that was not there before, outside of `receive`: the host soon calls `fill` and sends.
    func outputIsReady()
}
