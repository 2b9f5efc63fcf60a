// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("waits between attempts", .timeLimit(.minutes(15)))
struct BackOffTests {
    private let backOff = BackOff(first: .milliseconds(100), longest: .seconds(3))

    @Test("waits double up to a limit, and jitter shortens them by at most a half")
    func delays() {
        let longest = (1...70).map { backOff.delay(afterFailure: $0) }
        #expect(longest.prefix(4) == [.milliseconds(100), .milliseconds(200), .milliseconds(400), .milliseconds(800)])
        #expect(longest.max() == .seconds(3) && longest.last == .seconds(3))
        #expect(backOff.delay(afterFailure: 1, jitter: 0) == .milliseconds(50))
        #expect(backOff.delay(afterFailure: 2, jitter: 0.5) == .milliseconds(150))
    }
}
