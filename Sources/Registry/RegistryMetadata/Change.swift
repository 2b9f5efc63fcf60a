// SPDX-License-Identifier: Apache-2.0

package import RegistryStorage

/// A change after which other processes must forget what they remember; told by the transaction that makes it.
package enum Change: String, Hashable, Sendable {
    /// Something that was published is gone or hidden.
    case deletion
    /// Somebody may no longer do what was allowed: an account, a token, a team or a visibility changed.
    case access
}

extension MetadataStore {
    /// What all processes tell each other, a `Change` each; nil when no other one has this database.
    package func changes() -> AsyncStream<SQLNotification>? { database.notifications() }
}
