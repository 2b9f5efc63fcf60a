// SPDX-License-Identifier: Apache-2.0

/// How long the client waits for a server that does nothing; a transfer that moves may take as long as it needs.
package struct Timeouts: Hashable, Sendable {
    /// The longest wait for a connection.
    package let connect: Duration

    /// The longest pause of a server that sends or takes nothing; also the time it has to store an upload.
    package let idle: Duration

    /// Ten seconds to connect, two minutes of silence.
    package static let standard = Timeouts(connect: .seconds(10), idle: .seconds(120))

    /// Creates timeouts.
    package init(connect: Duration, idle: Duration) {
        self.connect = connect
        self.idle = idle
    }
}
