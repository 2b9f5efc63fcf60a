// SPDX-License-Identifier: Apache-2.0

/// Resource limits of connections.
package struct ConnectionLimits: Sendable {
    /// The maximum silence between two requests, within a request head, or before the first request.
    package var idle: Duration = .seconds(60)
    /// The maximum time in which a client reads nothing of a waiting response.
    package var stalledReader: Duration = .seconds(300)
    /// The minimum rate of an upload in bytes per second, averaged over `uploadWindow` of waiting for the client.
    package var uploadRate: Int64 = 1024
    /// The window over which the upload rate is averaged.
    package var uploadWindow: Duration = .seconds(30)
    /// The maximum number of open connections; further ones wait in the system's queue.
    package var connections = 4096
    /// The maximum number of buffered body bytes over all connections; the rest stays in the sockets.
    package var bodiesAhead = 256 << 20
    /// The maximum time for running requests after a shutdown request.
    package var shutdown: Duration = .seconds(30)

    package init() {}

    /// The maximum duration of a TLS handshake.
    static let handshakeNanoseconds: Int64 = 10_000_000_000
    /// The limits for discarding a rejected body before the connection closes, in bytes and time.
    static let lingerBytes = 128 * 1024
    static let lingerNanoseconds: Int64 = 1_500_000_000
    /// The largest rest of a body that is discarded to keep the connection reusable.
    static let toleratedRest: Int64 = 64 * 1024
    /// The number of buffered body bytes at which a connection stops reading.
    static let bodyAhead = 256 * 1024
    /// The maximum size of a body piece.
    static let bodyPiece = 128 * 1024
}

extension Duration {
    var nanoseconds: Int64 {
        let parts = components
        return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }
}
