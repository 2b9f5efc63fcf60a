// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// Coalesces concurrent computations of the same value.
final class SharedWork<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private typealias Waiter = CheckedContinuation<Value?, Never>

    private let waiters = Mutex<[Key: [Waiter]]>([:])

    /// Computes the value, or waits for another caller that is computing it.
    func value(for key: Key, _ compute: () async throws -> Value) async throws -> Value {
        while true {
            if begin(key) { return try await lead(key, compute) }
            if let value = await follow(key) { return value }
            // The other caller's failure or cancellation does not apply to this one.
            try Task.checkCancellation()
        }
    }

    private func begin(_ key: Key) -> Bool {
        waiters.withLock { waiters in
            guard waiters[key] == nil else { return false }
            waiters[key] = []
            return true
        }
    }

    private func lead(_ key: Key, _ compute: () async throws -> Value) async throws -> Value {
        do {
            let value = try await compute()
            finish(key, value)
            return value
        } catch {
            finish(key, nil)
            throw error
        }
    }

    private func finish(_ key: Key, _ value: Value?) {
        let followers = waiters.withLock { $0.removeValue(forKey: key) ?? [] }
        for follower in followers { follower.resume(returning: value) }
    }

    private func follow(_ key: Key) async -> Value? {
        await withCheckedContinuation { (continuation: Waiter) in
            let isWaiting = waiters.withLock { waiters in
                guard waiters[key] != nil else { return false }
                waiters[key]?.append(continuation)
                return true
            }
            if !isWaiting { continuation.resume(returning: nil) }
        }
    }
}
