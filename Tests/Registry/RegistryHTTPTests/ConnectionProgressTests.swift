// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@testable import RegistryHTTP

@Suite("Connection progress")
struct ConnectionProgressTests {
    private let start = ContinuousClock.now

    private func make() -> ConnectionProgress {
        var limits = Limits()
        limits.uploadRate = 1000
        limits.uploadWindow = .seconds(30)
        limits.stalledReader = .seconds(300)
        limits.idleTimeout = .seconds(60)
        return ConnectionProgress(limits: limits, at: start)
    }

    struct EarlyAnswer: Sendable {
        let contentLength: Int64?
        var expectsContinue = false
        var wasContinued = false
        var received = 0
        let closes: Bool
    }

    static let earlyAnswers = [
        EarlyAnswer(contentLength: 0, closes: false),
        EarlyAnswer(contentLength: 64 * 1024, closes: false),
        EarlyAnswer(contentLength: 64 * 1024 + 1, closes: true),
        EarlyAnswer(contentLength: 100_000, received: 40_000, closes: false),
        EarlyAnswer(contentLength: 1 << 40, received: 1000, closes: true),
        // A chunked body may go on for ever.
        EarlyAnswer(contentLength: nil, closes: true),
        // Whether the client sends the body after all is not known.
        EarlyAnswer(contentLength: 10, expectsContinue: true, closes: true),
        EarlyAnswer(contentLength: 10, expectsContinue: true, wasContinued: true, closes: false),
        EarlyAnswer(contentLength: 10, expectsContinue: true, received: 1, closes: false),
    ]

    @Test("an early answer closes the connection when too much of the body is left", arguments: earlyAnswers)
    func early(_ answer: EarlyAnswer) {
        var progress = make()
        progress.receiveHead(remaining: answer.contentLength, expectsContinue: answer.expectsContinue)
        if answer.wasContinued { progress.sendContinue() }
        if answer.received > 0 { progress.receiveBody(answer.received, at: start) }
        let announcesClose = progress.sendHead()
        let after = progress.sendEnd(at: start)
        #expect(announcesClose == answer.closes)
        #expect(after == (answer.closes ? .lingers : .goesOn))
        #expect(progress.isLingering == answer.closes)
    }

    @Test("an answer after the whole request keeps the connection")
    func complete() {
        var progress = make()
        progress.receiveHead(remaining: 1 << 40, expectsContinue: false)
        #expect(progress.isReceiving)
        let closes = [progress.receiveEnd(), progress.sendHead()]
        #expect(closes == [false, false])
        #expect(progress.sendEnd(at: start) == .goesOn)
        #expect(!progress.isReceiving)
    }

    @Test("at most 128 KiB of a refused body are read, and its end closes")
    func lingering() {
        var progress = make()
        progress.receiveHead(remaining: 1 << 40, expectsContinue: false)
        _ = progress.sendHead()
        _ = progress.sendEnd(at: start)
        progress.receiveBody(128 * 1024 - 1, at: start)
        #expect(progress.mayRead)
        progress.receiveBody(1, at: start)
        #expect(!progress.mayRead)
        let closes = progress.receiveEnd()
        #expect(closes)
    }

    @Test("a connection that said it closes does so, also when the body ends meanwhile")
    func lateEnd() {
        var progress = make()
        progress.receiveHead(remaining: 1 << 20, expectsContinue: false)
        let announced = progress.sendHead()
        _ = progress.receiveEnd()
        #expect(announced)
        #expect(progress.sendEnd(at: start) == .closes)
    }

    @Test("a reader that takes nothing for as long as is allowed has stalled")
    func stalledReader() {
        var progress = make()
        progress.receiveHead(remaining: 0, expectsContinue: false)
        _ = progress.receiveEnd()
        var verdicts = [progress.judge(at: start + .seconds(1000))]
        progress.beginWrite(at: start + .seconds(1000))
        verdicts.append(progress.judge(at: start + .seconds(1299)))
        progress.beginWrite(at: start + .seconds(1200))
        progress.finishWrite(at: start + .seconds(1299))
        verdicts.append(progress.judge(at: start + .seconds(1598)))
        progress.noteWrite(at: start + .seconds(1598))
        verdicts.append(progress.judge(at: start + .seconds(1897)))
        #expect(verdicts == [.fine, .fine, .fine, .fine], "nothing to read, then something taken each time")
        verdicts = [progress.judge(at: start + .seconds(1898))]
        progress.finishWrite(at: start + .seconds(1899))
        verdicts.append(progress.judge(at: start + .seconds(5000)))
        #expect(verdicts == [.readerStalled, .fine])
    }

    @Test("a connection without a request is silent after a while, one that waits for its answer is not")
    func silence() {
        var progress = make()
        var verdicts = [progress.judge(at: start + .seconds(59)), progress.judge(at: start + .seconds(60))]
        #expect(verdicts == [.fine, .silent])
        progress.receiveHead(remaining: 0, expectsContinue: false)
        _ = progress.receiveEnd()
        verdicts = [progress.judge(at: start + .seconds(500))]
        _ = progress.sendHead()
        _ = progress.sendEnd(at: start + .seconds(500))
        verdicts += [progress.judge(at: start + .seconds(559)), progress.judge(at: start + .seconds(560))]
        #expect(verdicts == [.fine, .fine, .silent])
    }

    @Test("a body that comes too slowly is found out, one that is fast enough is not")
    func uploadRate() {
        for (count, verdict) in [(29_999, ConnectionProgress.Verdict.uploadTooSlow), (30_000, .fine)] {
            var progress = make()
            progress.receiveHead(remaining: 1 << 40, expectsContinue: false)
            progress.requestRead(at: start)
            var verdicts = [progress.judge(at: start + .seconds(29))]
            progress.receiveBody(count, at: start + .seconds(30))
            verdicts.append(progress.judge(at: start + .seconds(30)))
            #expect(verdicts == [.fine, verdict])
        }
    }

    @Test("silence between two requests does not count as a slow body")
    func silenceBetweenRequests() {
        var progress = make()
        progress.receiveHead(remaining: 10, expectsContinue: false)
        progress.requestRead(at: start)
        progress.receiveBody(10, at: start)
        progress.requestRead(at: start)
        _ = progress.receiveEnd()
        progress.receiveHead(remaining: 1 << 20, expectsContinue: false)
        progress.requestRead(at: start + .seconds(50))
        let verdict = progress.judge(at: start + .seconds(51))
        #expect(verdict == .fine)
    }

    @Test("time in which the server was the slower side does not count")
    func slowServer() {
        var window = RateWindow(leastRate: 1000, length: .seconds(30))
        window.beginWaiting(at: start)
        window.receive(10, at: start + .seconds(1))
        var verdicts = [window.isTooSlow(at: start + .seconds(3600))]
        window.beginWaiting(at: start + .seconds(3600))
        verdicts += [window.isTooSlow(at: start + .seconds(3628)), window.isTooSlow(at: start + .seconds(3629))]
        #expect(verdicts == [false, false, true])
    }

    @Test("each window is judged on its own: earlier haste is no credit")
    func windows() {
        var window = RateWindow(leastRate: 1000, length: .seconds(30))
        window.beginWaiting(at: start)
        window.receive(1_000_000, at: start + .seconds(30))
        var verdicts = [window.isTooSlow(at: start + .seconds(30))]
        window.beginWaiting(at: start + .seconds(30))
        verdicts.append(window.isTooSlow(at: start + .seconds(60)))
        #expect(verdicts == [false, true])
    }
}
