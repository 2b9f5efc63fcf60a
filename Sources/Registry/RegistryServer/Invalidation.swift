// SPDX-License-Identifier: Apache-2.0

import RegistryHTTP
import RegistryMetadata
import RegistryService
import RegistryStorage

/// Applies the cache invalidations of other nodes; caches are trusted only while they can be received.
struct Invalidation: Sendable {
    /// Without notifications, a node queries the database again within the guaranteed second.
    private static let trust = Duration.milliseconds(900)

    let changes: AsyncStream<SQLNotification>
    let cache: CredentialCache
    let hotFiles: HotFiles

    /// Receives invalidations until the task is cancelled.
    func run() async {
        for await notification in changes { hear(notification) }
    }

    private func hear(_ notification: SQLNotification) {
        switch notification {
        case .message(let text): forget(Change(rawValue: text))
        case .missed: forget(nil)
        case .current(let moment): cache.trust(until: moment.advanced(by: Self.trust))
        }
    }

    private func forget(_ change: Change?) {
        switch change {
        case .deletion: hotFiles.forgetAll()
        // Cached responses depend on the generation of the credential cache, so this invalidates them, too.
        case .access: cache.forgetAll()
        // Unknown changes, such as those of a newer version, invalidate everything.
        case nil:
            cache.forgetAll()
            hotFiles.forgetAll()
        }
    }
}
