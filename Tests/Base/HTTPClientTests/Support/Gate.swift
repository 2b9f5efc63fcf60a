// SPDX-License-Identifier: Apache-2.0

import Foundation
import Synchronization

/// Something that happens once, which both threads and tasks can wait for.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let stream = AsyncStream.makeStream(of: Void.self)

    func open() {
        semaphore.signal()
        stream.continuation.finish()
    }

    /// Waits on a thread.
    func block() {
        semaphore.wait()
        semaphore.signal()
    }

    /// Waits in a task.
    func wait() async { for await _ in stream.stream {} }
}

/// What a server's threads tell a test.
final class Notes<Element: Sendable>: Sendable {
    private let notes = Mutex<[Element]>([])

    var all: [Element] { notes.withLock { $0 } }

    func note(_ element: Element) { notes.withLock { $0.append(element) } }
}
