// SPDX-License-Identifier: Apache-2.0

/// How long the registry waits for a store.
package struct S3Timeouts: Hashable, Sendable {
    /// For a connection.
    package var connect: Duration = .seconds(3)
    /// For a store that neither takes a piece of a body nor begins its answer.
    package var silence: Duration = .seconds(10)
    /// For the next piece of an answer that has begun.
    package var idle: Duration = .seconds(15)
    /// For a whole call with all its tries, apart from the time that content takes.
    package var call: Duration = .seconds(30)
    /// For the one call that makes a file of its parts, which takes large stores minutes.
    package var assembly: Duration = .seconds(300)
    /// For an answer to the question whether the store can be used now.
    package var health: Duration = .seconds(5)
    /// The least bytes per second at which content must move.
    package var leastRate: Int64 = 256 * 1024

    /// The defaults.
    package init() {}

    /// How long a call may take that moves so many bytes.
    func call(moving sizeInBytes: Int64) -> Duration {
        call + .seconds(sizeInBytes / leastRate)
    }
}
