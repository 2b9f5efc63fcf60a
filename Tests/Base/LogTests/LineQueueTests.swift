// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Testing

@testable import Log

@Suite("the queue of lines", .timeLimit(.minutes(15)))
struct LineQueueTests {
    @Test("writes lines in order, with time, level and label")
    func writes() throws {
        let pipe = try LogPipe()
        let queue = LineQueue(descriptor: pipe.write)
        var log = Logger(label: "granary", queue: queue)
        log.notice("granary is ready", metadata: ["address": "http://127.0.0.1:3000"])
        log.debug("not written")
        log.logLevel = .debug
        log.debug("second")
        var fields = LogFields()
        fields.append("bytes", 1)
        log.log(level: .info, "request", fields: &fields)
        #expect(fields.bytes.isEmpty)
        #expect(queue.flush(within: .seconds(60)))
        pipe.closeWrite()
        let lines = pipe.readLines()
        let time = #/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)/#
        #expect(lines.allSatisfy { $0.prefixMatch(of: time) != nil }, "\(lines)")
        #expect(
            lines.map { String($0.replacing(time, with: "T")) } == [
                "T notice granary: address=http://127.0.0.1:3000 [LogTests] granary is ready",
                "T debug granary: [LogTests] second",
                "T info granary: bytes=1 [LogTests] request",
            ]
        )
    }

    @Test(
        "holds nobody when its file is not read, and says how many lines were lost when it is",
        .timeLimit(.minutes(15))
    )
    func unread() throws {
        let pipe = try LogPipe()
        let queue = LineQueue(descriptor: pipe.write, capacity: 10_000)
        let log = Logger(label: "granary", queue: queue)
        let count = 20_000
        for number in 0..<count { log.info("line", metadata: ["count": "\(number)"]) }
        #expect(!queue.flush(within: .milliseconds(20)))
        var (lines, lost) = (0, 0)
        while lines + lost < count {
            for line in pipe.readSome() {
                if let notice = line.firstMatch(
                    of: #/ warning granary: count=(\d+) \[Log\] log lines were dropped/#
                ) {
                    lost += try #require(Int(notice.1))
                } else {
                    #expect(line.contains(" [LogTests] line"))
                    lines += 1
                }
            }
        }
        #expect(lines + lost == count && lost > 0 && lines > 100)
        #expect(queue.flush(within: .seconds(60)))
    }

    @Test("outlives a reader that is gone, and goes on when there is one again")
    func brokenPipe() throws {
        let (gone, back) = (try LogPipe(), try LogPipe())
        let queue = LineQueue(descriptor: gone.write)
        let log = Logger(label: "granary", queue: queue)
        gone.closeRead()
        for text in ["one", "two"] {
            log.info("\(text)")
            #expect(queue.flush(within: .seconds(60)))
        }
        dup2(back.write, gone.write)
        back.closeWrite()
        log.info("three")
        #expect(queue.flush(within: .seconds(60)))
        gone.closeWrite()
        let lines = back.readLines()
        #expect(lines.count == 2 && lines[0].hasSuffix("three"), "\(lines)")
        #expect(lines.last?.contains("count=2 [Log] log lines were dropped") == true, "\(lines)")
    }

    @Test("many threads lose no line")
    func threads() async throws {
        let pipe = try LogPipe()
        let queue = LineQueue(descriptor: pipe.write)
        let log = Logger(label: "granary", queue: queue)
        async let read = pipe.readLinesMeanwhile()
        await withTaskGroup { group in
            for number in 0..<8 {
                group.addTask { for line in 0..<500 { log.info("\(number) \(line)") } }
            }
        }
        #expect(queue.flush(within: .seconds(60)))
        pipe.closeWrite()
        let lines = await read.map { $0.split(separator: "] ").last.map(String.init) ?? "" }
        #expect(lines.count == 4000)
        #expect(Set(lines).count == 4000)
        for number in 0..<8 {
            let own = lines.filter { $0.hasPrefix("\(number) ") }
            #expect(own == (0..<500).map { "\(number) \($0)" }, "each thread's lines are in order")
        }
    }
}

/// A pipe whose ends are closed by hand.
private struct LogPipe {
    let read: Int32
    let write: Int32

    init() throws {
        var ends: [Int32] = [0, 0]
        try #require(unsafe pipe(&ends) == 0)
        (read, write) = (ends[0], ends[1])
    }

    func closeWrite() { close(write) }
    func closeRead() { close(read) }

    /// Waits for bytes up to the end of a line.
    func readSome() -> [String] {
        var bytes: [UInt8] = []
        while bytes.last != UInt8(ascii: "\n") {
            var piece = [UInt8](repeating: 0, count: 65_536)
            let count = unsafe Glibc.read(read, &piece, piece.count)
            guard count > 0 else { break }
            bytes += piece.prefix(count)
        }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Everything up to the end, read on a thread of its own: tasks have few of them.
    func readLinesMeanwhile() async -> [String] {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: readLines()) }
        }
    }

    /// Everything up to the end.
    func readLines() -> [String] {
        var lines: [String] = []
        while true {
            let some = readSome()
            guard !some.isEmpty else { return lines }
            lines += some
        }
    }
}
