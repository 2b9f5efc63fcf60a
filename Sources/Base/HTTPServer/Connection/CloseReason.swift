// SPDX-License-Identifier: Apache-2.0

/// Why a connection ended, for the counters and the debug log.
package enum CloseReason: String, CaseIterable, Sendable {
    /// The client closed it between two requests.
    case clientClosed = "closed by the client"
    /// The client reset it, or it broke in the middle of a message.
    case brokenOff = "broken off"
    /// The last answer said that the connection closes.
    case answered = "closed after the response"
    /// What came is not HTTP as the RFCs have it.
    case refused = "refused"
    case idle = "idle"
    case stalledReader = "the client stopped reading"
    case slowUpload = "the request body arrived too slowly"
    case handshakeFailed = "the TLS handshake failed"
    case handshakeTimeout = "the TLS handshake took too long"
    case flood = "too many control frames"
    /// A body that could not be sent to its end.
    case bodyFailed = "incomplete body"
    case shutdown = "the server stopped"
}
