// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// Signals that the process takes care of itself.
package enum Signals {
    /// Where the handler writes the number of a signal; -1 before the first one is wanted.
    private static let pipe = Atomic<Int32>(-1)

    /// Gives the numbers of the signals as they come, from now on, instead of their default action.
    ///
    /// There is one such stream in a process; a later call takes the place of an earlier one.
    package static func stream(_ numbers: [Int32]) throws -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        try handle(numbers) { continuation.yield($0) }
        return stream
    }

    /// Calls a function with the numbers of the signals as they come, on a thread for that, instead of their default action.
    ///
    /// There is one such function in a process; a later call takes the place of an earlier one.
    package static func handle(_ numbers: [Int32], _ body: @escaping @Sendable (Int32) -> Void) throws {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw SystemError(errno, "create a pipe for signals") }
        let (reading, writing) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A handler must not wait: a full pipe has told enough.
        _ = fcntl(writing, F_SETFL, O_NONBLOCK)
        pipe.store(writing, ordering: .sequentiallyConsistent)
        for number in numbers { install(number) }
        Thread.start(named: "signals") {
            var byte: UInt8 = 0
            while true {
                let count = read(reading, &byte, 1)
                if count == 1 { body(Int32(byte)) } else if count == 0 || errno != EINTR { break }
            }
        }
    }

    /// Lets a write to a closed pipe or socket fail, instead of ending the process.
    package static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Ignores SIGHUP, so that a closed terminal or a premature reload does not end the process.
    package static func ignoreHangups() { signal(SIGHUP, SIG_IGN) }

    private static func install(_ number: Int32) {
        var action = sigaction()
        action.sa_flags = Int32(SA_RESTART)
        // Only what may be called within a signal's handler: an atomic load and write(2).
        action.__sigaction_handler.sa_handler = { number in
            let saved = errno
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(Signals.pipe.load(ordering: .relaxed), &byte, 1)
            errno = saved
        }
        sigaction(number, &action, nil)
    }
}
