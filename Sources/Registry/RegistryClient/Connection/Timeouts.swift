// SPDX-License-Identifier: Apache-2.0

/// How long the client waits for a server that does nothing; a transfer that moves may take as long as it needs.
package struct Timeouts: Hashable, Sendable {
    /// The longest wait for a connection.
    package let connect: Duration

    /// The longest pause of a server that sends or takes nothing; also the time it has to store an upload.
    package let idle: Duration

    /// The longest time for a whole answer that is not the content of a file.
    package let answer: Duration

    /// Ten seconds to connect, two minutes of silence, ten minutes for an answer.
    package static let standard = Timeouts(connect: .seconds(10), idle: .seconds(120))

    /// Creates timeouts.
    package init(connect: Duration, idle: Duration, answer: Duration = .seconds(600)) {
        self.connect = connect
        self.idle = idle
        self.answer = answer
    }
}
