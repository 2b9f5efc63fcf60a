// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HTTPServer

@Suite("The least rate of a body", .timeLimit(.minutes(15)))
struct RateWindowTests {
    private static let second: Int64 = 1_000_000_000

    @Test("a body that comes too slowly is found out, one that is fast enough is not")
    func uploadRate() {
        for (count, isTooSlow) in [(29_999, true), (30_000, false)] {
            var window = RateWindow(leastRate: 1000, length: 30 * Self.second)
            window.beginWaiting(at: 0)
            var verdicts = [window.isTooSlow(at: 29 * Self.second)]
            window.receive(count, at: 30 * Self.second)
            verdicts.append(window.isTooSlow(at: 30 * Self.second))
            #expect(verdicts == [false, isTooSlow])
        }
    }

    @Test("time in which the server was the slower side does not count")
    func slowServer() {
        var window = RateWindow(leastRate: 1000, length: 30 * Self.second)
        window.beginWaiting(at: 0)
        window.receive(10, at: Self.second)
        var verdicts = [window.isTooSlow(at: 3600 * Self.second)]
        window.beginWaiting(at: 3600 * Self.second)
        verdicts += [window.isTooSlow(at: 3628 * Self.second), window.isTooSlow(at: 3629 * Self.second)]
        #expect(verdicts == [false, false, true])
    }

    @Test("each window is judged on its own: earlier haste is no credit")
    func windows() {
        var window = RateWindow(leastRate: 1000, length: 30 * Self.second)
        window.beginWaiting(at: 0)
        window.receive(1_000_000, at: 30 * Self.second)
        var verdicts = [window.isTooSlow(at: 30 * Self.second)]
        window.beginWaiting(at: 30 * Self.second)
        verdicts.append(window.isTooSlow(at: 60 * Self.second))
        #expect(verdicts == [false, true])
    }
}
