// SPDX-License-Identifier: Apache-2.0

/// The limits of requests and owners, with their defaults.
package struct Limits: Hashable, Sendable {
    /// The maximum size of a JSON body in bytes.
    package static let jsonBody = 1 << 20

    /// The maximum size of a file in bytes.
    package var fileSize: Int64 = 50 << 30
    /// The quotas of owners, each and in total.
    package var quotas = Quotas()
    /// The maximum number of incomplete resumable uploads per owner, or nil for no limit.
    package var uploads: Int64? = 1000
    /// The maximum number of drafts per owner, or nil for no limit.
    package var drafts: Int64? = 1000
    /// The minimum rate of an upload in bytes per second, averaged over `uploadWindow` of waiting for the client.
    package var uploadRate: Int64 = 1024
    /// The period over which the rate of an upload is measured.
    package var uploadWindow: Duration = .seconds(30)
    /// The time after which a client that does not read a waiting response is disconnected.
    package var stalledReader: Duration = .seconds(300)
    /// The time after which a connection that is silent between requests or within a request's head is closed.
    package var idleTimeout: Duration = .seconds(60)
    /// The time after which a resumable upload expires, counted from its last byte.
    package var uploadLifetime: Duration = .seconds(24 * 3600)
    /// The time after which a draft expires, counted from its last file.
    package var draftLifetime: Duration = .seconds(30 * 24 * 3600)
    /// The maximum number of concurrent connections; further ones wait.
    package var connections = 4096
    /// The time that running requests have to finish when the server shuts down.
    package var shutdownTimeout: Duration = .seconds(30)

    /// Creates the default limits.
    package init() {}
}
