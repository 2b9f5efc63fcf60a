// SPDX-License-Identifier: Apache-2.0

/// Bounds on what one request may ask for, with their defaults.
package struct Limits: Hashable, Sendable {
    /// The largest body that is read as JSON, in bytes.
    package static let jsonBody = 1 << 20

    /// The largest file, in bytes.
    package var fileSize: Int64 = 50 << 30
    /// How much owners may have, each and together.
    package var quotas = Quotas()
    /// How many uploads that can be resumed an owner may have that are not complete; nil for any number.
    package var uploads: Int64? = 1000
    /// How many drafts an owner may have; nil for any number.
    package var drafts: Int64? = 1000
    /// The least rate of an upload in bytes per second, averaged over `uploadWindow` of waiting for the client.
    package var uploadRate: Int64 = 1024
    /// Over how long the rate of an upload is judged.
    package var uploadWindow: Duration = .seconds(30)
    /// How long a client may take nothing of a response that waits for it.
    package var stalledReader: Duration = .seconds(300)
    /// How long a connection may be silent between two requests, or within a request's head.
    package var idleTimeout: Duration = .seconds(60)
    /// How long an upload that can be resumed is kept after its last byte.
    package var uploadLifetime: Duration = .seconds(24 * 3600)
    /// How long a draft is kept after its last file.
    package var draftLifetime: Duration = .seconds(30 * 24 * 3600)
    /// How many connections are served at the same time; further ones wait.
    package var connections = 4096
    /// How long running requests may take when the server is told to stop.
    package var shutdownTimeout: Duration = .seconds(30)

    /// The defaults.
    package init() {}
}
