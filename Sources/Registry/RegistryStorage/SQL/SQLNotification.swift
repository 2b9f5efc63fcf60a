// SPDX-License-Identifier: Apache-2.0

/// An event for a process that shares its database.
package enum SQLNotification: Hashable, Sendable {
    /// A process, possibly this one, committed a transaction with this message.
    case message(String)
    /// Any number of messages may have been lost.
    case missed
    /// All messages of transactions whose commit was acknowledged before this moment have been delivered.
    case current(ContinuousClock.Instant)
}
