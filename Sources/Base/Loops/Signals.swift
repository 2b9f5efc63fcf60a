// SPDX-License-Identifier: Apache-2.0

import Glibc
import Synchronization

/// The process's signal handling.
package enum Signals {
    /// The pipe to which the handler writes signal numbers; -1 until a handler is installed.
    private static let pipe = Atomic<Int32>(-1)

    /// Returns a stream of the given signals, which replaces their default action from now on.
    ///
    /// The process has only one such stream; a later call replaces it.
    package static func stream(_ numbers: [Int32]) throws -> AsyncStream<Int32> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int32.self)
        try handle(numbers) { continuation.yield($0) }
        return stream
    }

    /// Calls a function with each of the given signals on a dedicated thread, instead of their default action.
    ///
    /// The process has only one such function; a later call replaces it.
    package static func handle(_ numbers: [Int32], _ body: @escaping @Sendable (Int32) -> Void) throws {
        var ends: [Int32] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { throw SystemError(errno, "create a pipe for signals") }
        let (reading, writing) = (ends[0], ends[1])
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // A handler must not block. When the pipe is full, further signals add no information.
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

    /// Makes a write to a closed pipe or socket fail instead of ending the process.
    package static func ignoreBrokenPipes() { signal(SIGPIPE, SIG_IGN) }

    /// Ignores SIGHUP, so that a closed terminal or a premature reload does not end the process.
    package static func ignoreHangups() { signal(SIGHUP, SIG_IGN) }

    private static func install(_ number: Int32) {
        var action = sigaction()
        action.sa_flags = Int32(SA_RESTART)
        // Uses only async-signal-safe operations: an atomic load and write(2).
        action.__sigaction_handler.sa_handler = { number in
            let saved = errno
            var byte = UInt8(truncatingIfNeeded: number)
            _ = write(Signals.pipe.load(ordering: .relaxed), &byte, 1)
            errno = saved
        }
        sigaction(number, &action, nil)
    }
}
