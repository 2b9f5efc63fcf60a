// SPDX-License-Identifier: Apache-2.0

/// How long anything waits for PostgreSQL: all deadlines of the driver, in one place.
enum PostgresTimeouts {
    /// A transaction, from asking for a connection to its commit, with everything that is tried again.
    static let transaction = Duration.milliseconds(4500)
    /// Making a connection, within the transaction that needs it.
    static let connect = Duration.milliseconds(3000)
    /// After this the server gives up a statement whose client may be gone; a little later than the client does.
    static let statement = Duration.milliseconds(5000)
    /// After this the server gives up a transaction whose client does not go on, and its locks.
    static let idleTransaction = Duration.milliseconds(10_000)
    /// After a connection could not be made, nobody tries for this long, doubled with each failure up to the limit.
    static let backOff = Duration.milliseconds(50)
    static let backOffLimit = Duration.milliseconds(1000)

    /// How often the connection that listens asks whether it is up to date.
    static let check = Duration.milliseconds(250)
    /// How long it waits for the answer before it counts as lost.
    static let checkAnswer = Duration.milliseconds(500)
}

extension Duration {
    /// Whole milliseconds, rounded up, so that a wait never ends before its time.
    var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
