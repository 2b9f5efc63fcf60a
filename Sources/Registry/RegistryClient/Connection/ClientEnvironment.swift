// SPDX-License-Identifier: Apache-2.0

package import HTTPClient
package import RegistryCore

/// The client's access to the outside world, as functions that a test can replace.
package struct ClientEnvironment: Sendable {
    /// Sends one request and returns the head of the response; does not follow redirects.
    package let transport: @Sendable (HTTPClientRequest) async throws -> HTTPClientResponse

    /// Waits between two attempts.
    package let sleep: @Sendable (Duration) async throws -> Void

    /// Returns a random number between 0 and 1 that spreads waits.
    package let jitter: @Sendable () -> Double

    /// Returns the current time, for a `Retry-After` that is a date.
    package let now: @Sendable () -> Timestamp

    /// Reports a notice to the user.
    package let notice: @Sendable (String) -> Void

    /// Creates an environment; only the transport has no default.
    package init(
        transport: @escaping @Sendable (HTTPClientRequest) async throws -> HTTPClientResponse,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        jitter: @escaping @Sendable () -> Double = { Double.random(in: 0...1) },
        now: @escaping @Sendable () -> Timestamp = currentTime,
        notice: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.transport = transport
        self.sleep = sleep
        self.jitter = jitter
        self.now = now
        self.notice = notice
    }
}
