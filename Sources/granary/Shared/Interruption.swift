// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops
import Synchronization

/// SIGINT, SIGHUP and SIGTERM for commands that have something to clean up: they cancel the command, and end it the second time.
enum Interruption {
    private static let command = Mutex<Task<Void, Never>?>(nil)
    private static let received = Atomic<Int32>(0)

    /// Runs what signals will cancel.
    static func run(_ body: @escaping @Sendable () async -> Void) async {
        let task = Task { await body() }
        command.withLock { $0 = task }
        await task.value
    }

    /// Lets signals cancel the command from now on.
    static func beginCancelling() throws {
        let signals = try Signals.stream([SIGINT, SIGHUP, SIGTERM])
        Task.detached {
            for await number in signals {
                if received.exchange(number, ordering: .relaxed) != 0 { end(by: number) }
                command.withLock { $0?.cancel() }
            }
        }
    }

    /// Ends the process as the signal would have that cancelled the command, so that a shell's loop ends as well.
    static func endIfSignalled() {
        let number = received.load(ordering: .relaxed)
        if number != 0 { end(by: number) }
    }

    private static func end(by number: Int32) {
        _ = signal(number, SIG_DFL)
        // Threads that run tasks block signals, so that it goes to the process.
        kill(getpid(), number)
        sleep(1)
        _exit(128 + number)
    }
}
