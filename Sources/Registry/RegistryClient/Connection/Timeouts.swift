// SPDX-License-Identifier: Apache-2.0

/// The time limits for an inactive server; an active transfer may take any time.
package struct Timeouts: Hashable, Sendable {
    /// The limit for establishing a connection.
    package let connect: Duration

    /// The limit for a server that sends or accepts nothing, including the time to store an upload.
    package let idle: Duration

    /// The limit for a complete response that is not the content of a file.
    package let answer: Duration

    /// The default limits: ten seconds to connect, two minutes of silence, ten minutes for a response.
    package static let standard = Timeouts(connect: .seconds(10), idle: .seconds(120))

    /// Creates timeouts.
    package init(connect: Duration, idle: Duration, answer: Duration = .seconds(600)) {
        self.connect = connect
        self.idle = idle
        self.answer = answer
    }
}
