// SPDX-License-Identifier: Apache-2.0

/// Bounds on what a connection may cost.
package struct ConnectionLimits: Sendable {
    /// How long a connection may be silent between two requests, within a request's head, or before it has begun.
    package var idle: Duration = .seconds(60)
    /// How long a client may take nothing of an answer that waits for it.
    package var stalledReader: Duration = .seconds(300)
    /// The least rate of an upload in bytes a second, averaged over `uploadWindow` of waiting for the client.
    package var uploadRate: Int64 = 1024
    /// Over how long the rate of an upload is judged.
    package var uploadWindow: Duration = .seconds(30)
    /// How many connections are open at the same time; further ones wait in the system's queue.
    package var connections = 4096
    /// How many bytes of bodies may wait for their handlers, over all connections; more is left in the sockets.
    package var bodiesAhead = 256 << 20
    /// How long running requests may take once the server is told to stop.
    package var shutdown: Duration = .seconds(30)

    package init() {}

    /// How long a TLS handshake may take at most.
    static let handshakeNanoseconds: Int64 = 10_000_000_000
    /// How much of a refused body is read and dropped before the connection closes, and for how long.
    static let lingerBytes = 128 * 1024
    static let lingerNanoseconds: Int64 = 500_000_000
    /// The rest of a body that is read and dropped so that the connection can be used again.
    static let toleratedRest: Int64 = 64 * 1024
    /// How many bytes of a body wait for the handler before the connection stops reading.
    static let bodyAhead = 256 * 1024
    /// The largest piece of a body.
    static let bodyPiece = 128 * 1024
}

extension Duration {
    var nanoseconds: Int64 {
        let parts = components
        return parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }
}
