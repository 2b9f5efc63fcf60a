// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops
import Synchronization

/// SIGINT, SIGHUP and SIGTERM for commands that have something to clean up: they cancel the command, and end it the second time.
enum Interruption {
    private static let received = Atomic<Int32>(0)
    private static let (interruptions, interruption) = AsyncStream.makeStream(of: Void.self)

    /// Runs what signals will cancel.
    static func run(_ body: @escaping @Sendable () async -> Void) async {
        await withTaskGroup { group in
            group.addTask {
                await body()
                interruption.finish()
            }
            for await _ in interruptions { group.cancelAll() }
        }
    }

    /// Lets signals cancel the command from now on.
    static func beginCancelling() throws {
        try Signals.handle([SIGINT, SIGHUP, SIGTERM]) { number in
            if received.exchange(number, ordering: .relaxed) != 0 { end(by: number) }
            interruption.yield()
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
