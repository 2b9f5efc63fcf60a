// SPDX-License-Identifier: Apache-2.0

/// The reason why a connection ended, for metrics and the debug log.
package enum CloseReason: String, CaseIterable, Sendable {
    /// The client closed the connection between requests.
    case clientClosed = "closed by the client"
    /// The client reset the connection, or it failed within a message.
    case brokenOff = "broken off"
    /// The last response announced that the connection closes.
    case answered = "closed after the response"
    /// The input is not valid HTTP.
    case refused = "refused"
    case idle = "idle"
    case stalledReader = "the client stopped reading"
    case slowUpload = "the request body arrived too slowly"
    case handshakeFailed = "the TLS handshake failed"
    case handshakeTimeout = "the TLS handshake took too long"
    case flood = "too many control frames"
    /// A response body could not be sent completely.
    case bodyFailed = "incomplete body"
    case shutdown = "the server stopped"
}
