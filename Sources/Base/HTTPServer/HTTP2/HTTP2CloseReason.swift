// SPDX-License-Identifier: Apache-2.0

/// Why an HTTP/2 connection ends.
enum HTTP2CloseReason: String, Sendable, CaseIterable {
    /// No request for `ConnectionLimits.idle`.
    case idle
    /// A frame or a head was not complete in time.
    case incompleteFrame
    /// Answers wait, and the client takes nothing of any of them.
    case stalledReader
    /// More frames that ask for nothing than any client needs.
    case flood
    /// What came is not HTTP/2 at all.
    case notHTTP2
    /// A connection error of the client (RFC 9113, section 5.4.1).
    case protocolError
    /// The library failed, for want of memory.
    case internalError
    /// `HTTP2Connection.shutDown` was called, or the client said that it will ask for nothing more.
    case shutDown
    /// `HTTP2Connection.connectionLost` was called.
    case lost
}
