// SPDX-License-Identifier: Apache-2.0

import HTTPClient

/// A client of one registry, on behalf of one access token or of nobody.
///
/// Every call is tried again after a lost connection, a timeout, 408, 429, 502, 503 and 504. Errors are `ClientError`s.
package struct RegistryClient: Sendable {
    /// The registry.
    package let server: ServerURL

    let token: AccessToken?
    let retry: RetryPolicy
    let timeouts: Timeouts
    let environment: ClientEnvironment

    /// Creates a client over a transport of the caller's.
    package init(
        server: ServerURL,
        token: AccessToken?,
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
    /// A file of authorities in PEM takes the place of all others that sign certificates; without one, `SSL_CERT_FILE` and
    /// `SSL_CERT_DIR` of the environment take the place of the system's.
    package static func withClient<Value>(
        of server: ServerURL,
        token: AccessToken?,
        retry: RetryPolicy = .standard,
        timeouts: Timeouts = .standard,
        authorityFile: String? = nil,
        environment variables: [String: String] = [:],
        notice: @escaping @Sendable (String) -> Void = { _ in },
        _ body: (RegistryClient) async throws -> Value
    ) async throws -> Value {
        let http = try HTTPClient(configuration(authorityFile.map { .file($0) } ?? .environment(variables)))
        let environment = ClientEnvironment(
            transport: { request in
                var request = request
                request.timeouts.connect = timeouts.connect
                request.timeouts.stalled = timeouts.idle
                return try await http.execute(request)
            },
            notice: notice
        )
        let client = RegistryClient(
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
