// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HTTPServer

/// The parts of HTTP/2 that are values.
@Suite(.timeLimit(.minutes(15)))
struct HTTP2ValueTests {
    // MARK: Frames

    private static let frames: [(bytes: [UInt8], frame: FrameScanner.Frame)] = [
        (RawFrames.settings, .init(type: 4, flags: 0, length: 0)),
        (RawFrames.headers(1), .init(type: 1, flags: 5, length: 6)),
        (RawFrames.data(1, Array(repeating: 9, count: 300)), .init(type: 0, flags: 0, length: 300)),
        (RawFrames.frame(6, 1, Array(repeating: 2, count: 8)), .init(type: 6, flags: 1, length: 8)),
        (RawFrames.data(1, [], ends: true), .init(type: 0, flags: 1, length: 0)),
    ]

    @Test("frames are found wherever their bytes are cut")
    func frames() {
        let bytes = RawFrames.preface + Self.frames.flatMap(\.bytes)
        for size in [1, 2, 3, 7, 9, 10, 50, bytes.count] {
            var scanner = FrameScanner()
            var found: [FrameScanner.Frame] = []
            var start = 0
            while start < bytes.count {
                let piece = Array(bytes[start..<min(start + size, bytes.count)])
                piece.withUnsafeBytes { scanner.scan($0) { found.append($0) } }
                start += size
            }
            #expect(found == Self.frames.map(\.frame))
            #expect(!scanner.isIncomplete)
        }
    }

    @Test("what only further bytes complete is incomplete")
    func incomplete() {
        func isIncomplete(_ bytes: [UInt8]) -> Bool {
            var scanner = FrameScanner()
            bytes.withUnsafeBytes { scanner.scan($0) { _ in } }
            return scanner.isIncomplete
        }
        #expect(!isIncomplete([]))
        #expect(isIncomplete([0x50]))
        #expect(!isIncomplete(RawFrames.preface))
        #expect(isIncomplete(RawFrames.preface + [0]))
        #expect(!isIncomplete(RawFrames.start))
        #expect(isIncomplete(RawFrames.start + RawFrames.ping.dropLast()))
        #expect(isIncomplete(RawFrames.start + RawFrames.headers(1, isWhole: false)))
        #expect(isIncomplete(RawFrames.start + RawFrames.headers(1, isWhole: false) + RawFrames.frame(9, 0, stream: 1)))
        #expect(
            !isIncomplete(RawFrames.start + RawFrames.headers(1, isWhole: false) + RawFrames.frame(9, 4, stream: 1))
        )
    }

    // MARK: Floods

    @Test("time fills the bucket again, and never more than it holds")
    func refill() {
        var guardian = FloodGuard(now: 0)
        let ping = FrameScanner.Frame(type: 6, flags: 0, length: 8)
        func pings() -> Int {
            var count = 0
            while !guardian.isExhausted {
                guardian.receive(ping)
                count += 1
            }
            return count
        }
        #expect(pings() == 251)
        guardian.refill(now: 10_000_000_000)
        #expect(pings() == 125)
        guardian.refill(now: 1_000_000_000_000)
        #expect(pings() == 251)
    }

    @Test("wanted bytes and answers earn what their control frames cost")
    func earned() {
        var guardian = FloodGuard(now: 0)
        for _ in 0..<100_000 {
            guardian.earn(bytes: 4096)
            guardian.receive(.init(type: 8, flags: 0, length: 4))
            guardian.receive(.init(type: 8, flags: 0, length: 4))
            guardian.earnAnswer()
            guardian.receive(.init(type: 6, flags: 0, length: 8))
            guardian.receive(.init(type: 3, flags: 0, length: 4))
        }
        #expect(!guardian.isExhausted)
    }

    @Test("content that nobody wants empties the bucket slowly, and what is wanted does not")
    func ignoredContent() {
        var guardian = FloodGuard(now: 0)
        let frame = FrameScanner.Frame(type: 0, flags: 0, length: 16_384)
        for _ in 0..<100_000 {
            guardian.receive(frame)
            guardian.earn(bytes: frame.length)
        }
        #expect(!guardian.isExhausted)
        var count = 0
        while !guardian.isExhausted, count < 10_000 {
            guardian.receive(frame)
            count += 1
        }
        // A token is 64 KiB.
        #expect(count == 4001)
    }

    // MARK: Credit

    @Test("each upload that is read gets half of the credit that is left, and no more than it needs")
    func credit() {
        var credit = UploadCredit()
        #expect(credit.lend(for: 1 << 20) == 0)
        #expect(credit.lend(for: 3 << 20) == 2 << 20)
        credit.giveBack(2 << 20)
        let amounts = (0..<10).map { _ in credit.lend(for: nil) }
        #expect(amounts.map { $0 >> 16 } == [512, 256, 128, 64, 32, 16, 8, 4, 2, 1])
        for amount in amounts { credit.giveBack(amount) }
        #expect(credit.lent == 0)
    }

    // MARK: Bodies

    @Test("small pieces of a body become larger ones, and none gets lost")
    func incoming() {
        var body = RequestBodyBuffer()
        var expected: [UInt8] = []
        for index in 0..<1000 {
            let bytes = Array(repeating: UInt8(truncatingIfNeeded: index), count: index % 400)
            expected += bytes
            bytes.withUnsafeBytes { body.append($0) }
        }
        #expect(body.count == expected.count)
        #expect(body.received == Int64(expected.count))
        body.complete()
        var taken: [[UInt8]] = []
        while case .bytes(let bytes) = body.take() { taken.append(bytes) }
        #expect(Array(taken.joined()) == expected)
        #expect(taken.count < 10)
        #expect(taken.allSatisfy { $0.count <= 65_536 })
        #expect(body.take() == .end)
        #expect(body.count == 0)
    }

    @Test("a body that fails gives first what came, one that is interrupted does not")
    func failing() {
        for failure in [BodyFailure.tooSlow, .brokenOff(received: 2), .interrupted] {
            var body = RequestBodyBuffer()
            #expect(body.take() == .none)
            [1, 2].withUnsafeBytes { body.append(UnsafeRawBufferPointer(rebasing: $0[..<2])) }
            body.fail(failure)
            if failure != .interrupted {
                guard case .bytes = body.take() else {
                    Issue.record("nothing to read")
                    continue
                }
            }
            #expect(body.take() == .failure(failure))
            body.complete()
            #expect(body.take() == .failure(failure))
            #expect(body.count == 0)
        }
    }

    @Test("a complete body does not break off any more")
    func complete() {
        var body = RequestBodyBuffer()
        body.complete()
        body.fail(.brokenOff(received: 0))
        #expect(body.take() == .end)
        body.fail(.interrupted)
        #expect(body.take() == .failure(.interrupted))
    }

    @Test("written pieces are moved out in any sizes")
    func outgoing() {
        var generator = SplitMix64(seed: 7)
        var pieces = OutgoingPieces()
        var expected: [UInt8] = []
        var moved: [UInt8] = []
        for _ in 0..<2000 {
            let bytes = (0..<Int.random(in: 0..<50, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            expected += bytes
            pieces.append(bytes)
            var target = [UInt8](repeating: 0, count: Int.random(in: 0...min(pieces.count, 60), using: &generator))
            target.withUnsafeMutableBytes { pieces.move(to: $0) }
            moved += target
        }
        var rest = [UInt8](repeating: 0, count: pieces.count)
        rest.withUnsafeMutableBytes { pieces.move(to: $0) }
        #expect(moved + rest == expected)
        #expect(pieces.count == 0)
    }

    @Test("the version of nghttp2 is judged, and whether it has the fixes that distributions add to earlier ones")
    func version() {
        #expect(NGHTTP2Version.problem == nil)
        #expect(NGHTTP2Version.problem(of: 0x01_34_00, called: "1.52.0", hasNewest: true) == nil)
        let sentence = "is too old: version 1.61 or later is needed, or 1.52 with its security fixes"
        let early = NGHTTP2Version.problem(of: 0x01_2B_00, called: "1.43.0", hasNewest: true)
        #expect(early?.hasPrefix("nghttp2 1.43.0 \(sentence)") == true)
        let bare = NGHTTP2Version.problem(of: 0x01_34_00, called: "1.52.0", hasNewest: false)
        #expect(bare?.hasPrefix("nghttp2 1.52.0 \(sentence)") == true)
    }
}
