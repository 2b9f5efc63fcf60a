// SPDX-License-Identifier: Apache-2.0

import RegistryHTTP
import RegistryMetadata
import RegistryService
import RegistryStorage

/// Forgets what other nodes changed: what this process remembers is trusted only as long as it hears them.
struct Invalidation: Sendable {
    /// A node that hears nothing asks the database again within the second that is promised.
    private static let trust = Duration.milliseconds(900)

    let changes: AsyncStream<SQLNotification>
    let cache: CredentialCache
    let hotFiles: HotFiles

    /// Hears the others until the task is cancelled.
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
        // Answers that were remembered for somebody go with what is known of him.
        case .access: cache.forgetAll()
        // Unknown, or told by a newer version of the program.
        case nil:
            cache.forgetAll()
            hotFiles.forgetAll()
        }
    }
}
