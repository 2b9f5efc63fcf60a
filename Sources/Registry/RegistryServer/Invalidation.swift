// SPDX-License-Identifier: Apache-2.0

import RegistryHTTP
import RegistryMetadata
import RegistryService
import RegistryStorage

/// Forgets what a change of this or another node invalidates; this process trusts what it remembers only while it hears the others.
struct Invalidation: Sendable {
    /// Without notifications, a node queries the database again within the guaranteed second.
    private static let trust = Duration.milliseconds(900)

    let cache: CredentialCache
    let hotFiles: HotFiles

    /// Forgets what a change invalidates; nil stands for all changes.
    func forget(_ change: Change?) {
        switch change {
        case .deletion: hotFiles.forgetAll()
        // Responses that were remembered for an account go with what is known of it.
        case .access: cache.forgetAll()
        case nil:
            cache.forgetAll()
            hotFiles.forgetAll()
        }
    }

    /// Processes the changes of all nodes until the task is cancelled.
    func run(_ changes: AsyncStream<SQLNotification>) async {
        for await notification in changes {
            switch notification {
            // A change that is unknown was told by a newer version of the program.
            case .message(let text): forget(Change(rawValue: text))
            case .missed: forget(nil)
            case .current(let moment): cache.trust(until: moment.advanced(by: Self.trust))
            }
        }
    }
}
