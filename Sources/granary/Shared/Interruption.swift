// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops
import Synchronization

/// SIGINT, SIGHUP and SIGTERM for commands that have something to clean up: they cancel the command, and end it the second time.
///
/// A command that waits for another program cannot be cancelled, has nothing to clean up, and is ended soon after the first.
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

    /// Lets signals cancel the command from now on; a broken pipe is an error of the write and no signal any more.
    static func beginCancelling() throws {
        Signals.ignoreBrokenPipes()
        try Signals.handle([SIGINT, SIGHUP, SIGTERM]) { number in
            if received.exchange(number, ordering: .relaxed) != 0 { end(by: number) }
            interruption.yield()
            Thread.start(named: "interruption") { endWhenStuck(by: number) }
        }
    }

    /// Ends the process when it has waited for another program for half a second and is not about to end by itself.
    private static func endWhenStuck(by number: Int32) {
        var looks = 0
        while looks < 5 {
            usleep(100_000)
            looks = PeerWait.isUnderWay ? looks + 1 : 0
        }
        end(by: number)
    }

    /// Ends the process as the signal would have that cancelled the command, so that a shell's loop ends as well.
    static func endIfSignalled() {
        let number = received.load(ordering: .relaxed)
        if number != 0 { end(by: number) }
    }

    /// Ends the process by a signal.
    static func end(by number: Int32) {
        _ = signal(number, SIG_DFL)
        // Threads that run tasks block signals, so that it goes to the process.
        kill(getpid(), number)
        sleep(1)
        _exit(128 + number)
    }
}
