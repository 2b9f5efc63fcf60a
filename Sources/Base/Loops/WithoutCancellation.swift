// SPDX-License-Identifier: Apache-2.0

/// Runs work to its end, whatever becomes of the task that waits for it.
package func withoutCancellation(_ work: @escaping @Sendable () async -> Void) async {
    await Task.detached { await work() }.value
}
