// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPClient

/// The connections to a store, closed when the last reference is released.
final class S3Connections: Sendable {
    /// The limit on connections; each download of content holds one until it ends, even when the client is slow.
    private static let limit = 1024

    let http: HTTPSession

    init() throws {
        var configuration = HTTPClientConfiguration()
        configuration.requestsPerServer = Self.limit
        configuration.requests = Self.limit
        // Shorter than the idle timeout of stores, so that a request rarely meets a connection that is just being closed.
        configuration.idle = .seconds(20)
        configuration.authorities = .environment(ProcessInfo.processInfo.environment)
        http = try HTTPSession(configuration)
    }
}
