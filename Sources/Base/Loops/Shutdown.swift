// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A shutdown request that any component can make or wait for.
package final class Shutdown: Sendable {
    private struct State {
        var isRequested = false
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var actions: [Int: @Sendable () -> Void] = [:]
        var next = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// Whether `request` was called.
    package var isRequested: Bool { state.withLock { $0.isRequested } }

    /// Requests the shutdown and wakes all waiters; later calls do nothing.
    package func request() {
        let (waiting, actions) = state.withLock { state in
            state.isRequested = true
            defer {
                state.waiting = [:]
                state.actions = [:]
            }
            return (Array(state.waiting.values), Array(state.actions.values))
        }
        for continuation in waiting { continuation.resume() }
        for action in actions { action() }
    }

    /// Waits until a shutdown is requested or the task is cancelled.
    package func wait() async {
        let id = state.withLock { state in
            state.next += 1
            return state.next
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard !state.isRequested, !Task.isCancelled else { return true }
                    state.waiting[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume()
        }
    }

    /// Runs an operation, and calls `action` once if a shutdown is requested before it ends or was requested earlier.
    package func withHandler<Value>(
        _ operation: () async throws -> Value,
        onRequest action: @escaping @Sendable () -> Void
    ) async rethrows -> Value {
        let id = state.withLock { state -> Int? in
            guard !state.isRequested else { return nil }
            state.next += 1
            state.actions[state.next] = action
            return state.next
        }
        if id == nil { action() }
        defer { if let id { _ = state.withLock { $0.actions.removeValue(forKey: id) } } }
        return try await operation()
    }
}
