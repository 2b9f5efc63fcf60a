// SPDX-License-Identifier: Apache-2.0

/// Why a connection ended, for the counters and the debug log.
package enum CloseReason: String, CaseIterable, Sendable {
    /// The client closed it between two requests.
    case clientClosed = "closed by the client"
    /// The client reset it, or it broke in the middle of a message.
    case brokenOff = "broken off"
    /// The last answer said that the connection closes.
    case answered = "closed after the answer"
    /// What came is not HTTP as the RFCs have it.
    case refused = "refused"
    case idle = "idle"
    case stalledReader = "the client did not read"
    case slowUpload = "the body came too slowly"
    case handshakeFailed = "the TLS handshake failed"
    case handshakeTimeout = "the TLS handshake took too long"
    case flood = "more control frames than a client needs"
    /// A body that could not be sent to its end.
    case bodyFailed = "a body ended early"
    case shutdown = "the server stopped"
}
