// SPDX-License-Identifier: Apache-2.0

/// A place where one task waits until a test lets it go on.
struct Gate: Sendable {
    private let arrival = AsyncStream.makeStream(of: Void.self)
    private let permission = AsyncStream.makeStream(of: Void.self)

    /// Waits at the gate until it is opened.
    func pass() async {
        arrival.continuation.finish()
        for await _ in permission.stream {}
    }

    /// Waits until somebody stands at the gate, or until it is given up.
    func waitForArrival() async {
        for await _ in arrival.stream {}
    }

    /// Lets the waiting task, and `waitForArrival`, go on.
    func open() {
        arrival.continuation.finish()
        permission.continuation.finish()
    }
}
