// SPDX-License-Identifier: Apache-2.0

/// Runs work to completion, even when the waiting task is cancelled.
package func withoutCancellation(_ work: @escaping @Sendable () async -> Void) async {
    await Task.detached { await work() }.value
}
