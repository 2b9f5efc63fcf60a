// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOPosix

/// The connections to a store, closed when the last reference goes.
final class S3Connections: Sendable {
    /// Each download of content holds one as long as it lasts, also when the client is slow.
    private static let limit = 1024

    let http: HTTPClient

    init(timeouts: S3Timeouts) {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            // No read timeout: it would also count the time in which a slow client lets the answer wait.
            timeout: .init(connect: TimeAmount(timeouts.connect), read: nil)
        )
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = Self.limit
        // Below what stores allow, so that a connection is rarely used in the moment in which it is closed.
        configuration.connectionPool.idleTimeout = .seconds(20)
        // `S3Client` is the one place that decides to try again.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    deinit { _ = http.shutdown() }

    /// Runs work to its end, whatever becomes of the task that waits for it.
    ///
    /// What a given up publish leaves in the store must be removed because the client has gone, not in spite of it.
    func complete(_ work: @escaping @Sendable () async -> Void) async {
        let done = http.eventLoopGroup.any().makeFutureWithTask { await work() }
        _ = try? await done.get()
    }
}
