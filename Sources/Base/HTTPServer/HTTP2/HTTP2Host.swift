// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// The client's progress on the bytes that the system has buffered.
enum Delivery {
    case complete
    case underWay
    /// The client has read nothing for as long as `stalledReader`.
    case stalled
}

/// The transport below HTTP/2.
///
/// All calls are made on the loop's thread.
protocol HTTP2Host: AnyObject {
    /// The loop's buffers, limits, handler and clock.
    var context: LoopContext { get }
    var clientAddress: String? { get }
    var isSecure: Bool { get }
    /// Whether the peer is a proxy whose statements about its client are trusted.
    var isFromTrustedProxy: Bool { get }
    /// Returns the origin of a request, based on the fields of a trusted proxy.
    func origin(of headers: HTTPFields) -> RequestOrigin

    /// Returns how much of the output the client has received.
    func delivery(at now: Int64) -> Delivery

    /// Schedules output that became available outside of `receive`: the host soon calls `fill` and sends.
    func outputIsReady()
}
