// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops
import Synchronization

/// Handles SIGINT, SIGHUP and SIGTERM in commands with cleanup: the first signal cancels, the second terminates.
///
/// A command that waits for another program cannot be cancelled and has nothing to clean up. It is terminated soon
/// after the first signal.
enum Interruption {
    private static let received = Atomic<Int32>(0)
    private static let (interruptions, interruption) = AsyncStream.makeStream(of: Void.self)

    /// Runs a body that signals cancel.
    static func run(_ body: @escaping @Sendable () async -> Void) async {
        await withTaskGroup { group in
            group.addTask {
                await body()
                interruption.finish()
            }
            for await _ in interruptions { group.cancelAll() }
        }
    }

    /// Makes signals cancel the command from now on; a broken pipe becomes a write error instead of a signal.
    static func beginCancelling() throws {
        Signals.ignoreBrokenPipes()
        try Signals.handle([SIGINT, SIGHUP, SIGTERM]) { number in
            if received.exchange(number, ordering: .relaxed) != 0 { end(by: number) }
            interruption.yield()
            Thread.start(named: "interruption") { endWhenStuck(by: number) }
        }
    }

    /// Terminates the process once it has waited for another program for half a second.
    private static func endWhenStuck(by number: Int32) {
        var looks = 0
        while looks < 5 {
            usleep(100_000)
            looks = PeerWait.isUnderWay ? looks + 1 : 0
        }
        end(by: number)
    }

    /// Terminates the process by the signal that cancelled the command, so that a shell loop also stops.
    static func endIfSignalled() {
        let number = received.load(ordering: .relaxed)
        if number != 0 { end(by: number) }
    }

    /// Terminates the process by a signal.
    static func end(by number: Int32) {
        _ = signal(number, SIG_DFL)
        // Threads that run tasks block signals, so send it to the process.
        kill(getpid(), number)
        sleep(1)
        _exit(128 + number)
    }
}
