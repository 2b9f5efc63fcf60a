// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import HTTPClient

/// The connections to a store, closed when the last reference goes.
final class S3Connections: Sendable {
    /// Each download of content holds one as long as it lasts, also when the client is slow.
    private static let limit = 1024

    let http: HTTPClient

    init() throws {
        var configuration = HTTPClientConfiguration()
        configuration.requestsPerServer = Self.limit
        configuration.requests = Self.limit
        // Below what stores allow, so that a connection is rarely used in the moment in which it is closed.
        configuration.idle = .seconds(20)
        configuration.authorities = .environment(ProcessInfo.processInfo.environment)
        http = try HTTPClient(configuration)
    }
}
