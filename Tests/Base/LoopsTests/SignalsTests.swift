// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import Loops

@Suite("signals", .timeLimit(.minutes(15)))
struct SignalsTests {
    @Test("signals come in order instead of their default action, and a later stream takes over")
    func stream() async {
        // Signals belong to the whole process.
        await #expect(processExitsWith: .exitCode(7)) {
            var first = try Signals.stream([SIGTERM, SIGHUP]).makeAsyncIterator()
            for number in [SIGTERM, SIGHUP, SIGHUP, SIGTERM] {
                kill(getpid(), number)
                guard await first.next() == number else { exit(1) }
            }
            var second = try Signals.stream([SIGINT, SIGTERM]).makeAsyncIterator()
            kill(getpid(), SIGINT)
            guard await second.next() == SIGINT else { exit(2) }
            kill(getpid(), SIGTERM)
            guard await second.next() == SIGTERM else { exit(3) }
            exit(7)
        }
    }

    @Test("a closed pipe is an error and no signal")
    func brokenPipe() async {
        await #expect(processExitsWith: .exitCode(7)) {
            Signals.ignoreBrokenPipes()
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { exit(1) }
            close(ends[0])
            exit(write(ends[1], "x", 1) == -1 && errno == EPIPE ? 7 : 2)
        }
    }

    @Test("the soft limit of descriptors is raised to the hard one")
    func descriptors() async {
        await #expect(processExitsWith: .success) {
            var limit = rlimit(rlim_cur: 100, rlim_max: 200)
            setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            #expect(DescriptorLimit.raise() == 200)
            #expect(DescriptorLimit.raise() == 200)
        }
    }
}
