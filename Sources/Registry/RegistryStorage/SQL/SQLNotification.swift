// SPDX-License-Identifier: Apache-2.0

/// What a process that shares its database hears.
package enum SQLNotification: Hashable, Sendable {
    /// Another process, or this one, committed a transaction that tells something.
    case message(String)
    /// Messages may have been lost, as many as may be.
    case missed
    /// Every message of a transaction whose commit was acknowledged before this moment has been told.
    case current(ContinuousClock.Instant)
}
