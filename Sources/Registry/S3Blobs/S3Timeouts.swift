// SPDX-License-Identifier: Apache-2.0

/// The time limits of requests to a store.
package struct S3Timeouts: Hashable, Sendable {
    /// The limit for establishing a connection.
    package var connect: Duration = .seconds(3)
    /// The limit for a store that neither accepts more of the body nor starts its response.
    package var silence: Duration = .seconds(10)
    /// The limit for the next piece of a response that has started.
    package var idle: Duration = .seconds(15)
    /// The limit for a call with all its attempts, without the time that content takes.
    package var call: Duration = .seconds(30)
    /// The limit for the call that completes a multipart upload, which takes large stores minutes.
    package var assembly: Duration = .seconds(300)
    /// The limit for a health check.
    package var health: Duration = .seconds(5)
    /// The minimum transfer rate of content in bytes per second.
    package var leastRate: Int64 = 256 * 1024

    /// Creates the default limits.
    package init() {}

    /// Returns the limit for a call that transfers the given number of bytes.
    func call(moving sizeInBytes: Int64) -> Duration {
        call + .seconds(sizeInBytes / leastRate)
    }
}
