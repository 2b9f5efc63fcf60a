// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// All time limits of the driver.
enum PostgresTimeouts {
    /// The limit for a transaction from waiting for a connection to its commit, including retries.
    static let transaction = Duration.milliseconds(4500)
    /// The limit for connecting, within the transaction that needs the connection.
    static let connect = Duration.milliseconds(3000)
    /// The time after which the server cancels a statement whose client may be gone; slightly longer than the client's limit.
    static let statement = Duration.milliseconds(5000)
    /// The time after which the server rolls back a transaction whose client sends nothing, and releases its locks.
    static let idleTransaction = Duration.milliseconds(10_000)
    /// The pauses after failed connections.
    static let backOff = BackOff(first: .milliseconds(50), longest: .milliseconds(1000))

    /// The interval at which the listening connection checks that it is up to date.
    static let check = Duration.milliseconds(250)
    /// The time after which a missing answer to this check means that the connection is lost.
    static let checkAnswer = Duration.milliseconds(500)
}

extension Duration {
    /// The duration in whole milliseconds, rounded up so that a wait never ends early.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
