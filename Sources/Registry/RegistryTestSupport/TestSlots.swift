// SPDX-License-Identifier: Apache-2.0

/// A limit on the number of tests that use databases at the same time, because a server has a limited number of connections.
actor TestSlots {
    static let shared = TestSlots(16)

    /// Whether this task already has a slot, which also covers a second database.
    @TaskLocal private static var isHeld = false

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    private init(_ count: Int) {
        free = count
    }

    nonisolated func withSlot(_ body: () async throws -> Void) async throws {
        guard !Self.isHeld else { return try await body() }
        await take()
        do {
            try await Self.$isHeld.withValue(true) { try await body() }
        } catch {
            await give()
            throw error
        }
        await give()
    }

    private func take() async {
        guard free == 0 else {
            free -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func give() {
        guard waiting.isEmpty else { return waiting.removeFirst().resume() }
        free += 1
    }
}
