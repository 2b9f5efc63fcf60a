// SPDX-License-Identifier: Apache-2.0

/// The error of work that exceeds its time limit.
struct TimedOut: Error {}

/// Runs work, and cancels it and throws `TimedOut` when it takes longer than the given duration.
func withTimeout<Value: Sendable>(
    _ duration: Duration,
    _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: duration)
            throw TimedOut()
        }
        defer { group.cancelAll() }
        guard let value = try await group.next() else { throw CancellationError() }
        return value
    }
}
