// SPDX-License-Identifier: Apache-2.0

import HTTPClient

/// A client of one registry, with an access token or anonymous.
///
/// Every call is retried after a lost connection, a timeout, and status 408, 429, 502, 503 or 504. All errors are `ClientError`s.
package struct RemoteRegistry: Sendable {
    /// The registry.
    package let server: ServerURL

    let token: BearerToken?
    let retry: RetryPolicy
    let timeouts: Timeouts
    let environment: ClientEnvironment

    /// Creates a client with the caller's transport.
    package init(
        server: ServerURL,
        token: BearerToken?,
        retry: RetryPolicy = .standard,
        timeouts: Timeouts = .standard,
        environment: ClientEnvironment
    ) {
        self.server = server
        self.token = token
        self.retry = retry
        self.timeouts = timeouts
        self.environment = environment
    }

    /// Runs the body with a client over real connections, which are closed when it returns.
    ///
    /// A PEM file of certificate authorities replaces all other trusted authorities. Without one, `SSL_CERT_FILE` and `SSL_CERT_DIR` in the
    /// environment replace the system's authorities.
    package static func withClient<Value>(
        of server: ServerURL,
        token: BearerToken?,
        retry: RetryPolicy = .standard,
        timeouts: Timeouts = .standard,
        authorityFile: String? = nil,
        environment variables: [String: String] = [:],
        notice: @escaping @Sendable (String) -> Void = { _ in },
        _ body: (RemoteRegistry) async throws -> Value
    ) async throws -> Value {
        let http = try HTTPSession(configuration(authorityFile.map { .file($0) } ?? .environment(variables)))
        let environment = ClientEnvironment(
            transport: { request in
                var request = request
                request.timeouts.connect = timeouts.connect
                request.timeouts.stalled = timeouts.idle
                return try await http.execute(request)
            },
            notice: notice
        )
        let client = RemoteRegistry(
            server: server,
            token: token,
            retry: retry,
            timeouts: timeouts,
            environment: environment
        )
        do {
            let value = try await body(client)
            await http.shutDown()
            return value
        } catch {
            await http.shutDown()
            throw error
        }
    }

    private static func configuration(_ authorities: TrustedAuthorities) -> HTTPClientConfiguration {
        var configuration = HTTPClientConfiguration()
        configuration.authorities = authorities
        configuration.proxy = .environment
        return configuration
    }
}
