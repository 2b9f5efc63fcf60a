// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import NIOCore
import NIOPosix

/// A client of one registry, on behalf of one access token or of nobody.
///
/// Every call is tried again after a lost connection, a timeout, 408, 429, 502, 503 and 504. Errors are `ClientError`s.
package struct RegistryClient: Sendable {
    /// The registry.
    package let server: ServerURL

    let token: AccessToken?
    let retry: RetryPolicy
    let environment: ClientEnvironment
    let fileIO = NonBlockingFileIO(threadPool: .singleton)

    /// Creates a client over a transport of the caller's.
    package init(
        server: ServerURL,
        token: AccessToken?,
        retry: RetryPolicy = .standard,
        environment: ClientEnvironment
    ) {
        self.server = server
        self.token = token
        self.retry = retry
        self.environment = environment
    }

    /// Runs the body with a client over real connections, which are closed when it returns.
    package static func withClient<Value>(
        of server: ServerURL,
        token: AccessToken?,
        retry: RetryPolicy = .standard,
        timeouts: Timeouts = .standard,
        _ body: (RegistryClient) async throws -> Value
    ) async throws -> Value {
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration(timeouts))
        let environment = ClientEnvironment(transport: { request in
            try await http.execute(request, deadline: .distantFuture)
        })
        let client = RegistryClient(server: server, token: token, retry: retry, environment: environment)
        do {
            let value = try await body(client)
            try? await http.shutdown()
            return value
        } catch {
            try? await http.shutdown()
            throw error
        }
    }

    private static func configuration(_ timeouts: Timeouts) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(
                connect: TimeAmount(timeouts.connect),
                read: TimeAmount(timeouts.idle),
                write: TimeAmount(timeouts.idle)
            )
        )
        // The retry policy is the one place that decides to try again.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        return configuration
    }
}
