// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import HTTPServer
import Loops
import Synchronization

/// Answers requests as a test wants it, or by what their target says.
struct Site: RequestHandler {
    typealias Answering = @Sendable (Request, consuming AnswerWriter) async -> Void

    private let answering: Answering
    private let hot: HotCounts?

    init(hot: HotCounts? = nil, _ answering: @escaping Answering = Site.answer) {
        self.hot = hot
        self.answering = answering
    }

    /// Answers every request in the same way.
    init(_ response: @escaping @Sendable (Request) async throws -> Response) {
        self.init { request, answer in
            do {
                try await answer.send(try await response(request))
            } catch {}
        }
    }

    func handle(_ request: Request, answer: consuming AnswerWriter) async { await answering(request, answer) }

    func makeImmediateAnswers() -> (any ImmediateAnswers)? { hot.map { HotSite($0) } }

    /// What a target asks for: `/bytes?5`, `/file?5`, `/stream?5` of a known and `/chunked?5` of an unknown length, `/none?204`,
    /// `/count`, which reads the body, `/echo`, `/ignore`, `/nothing`, `/cpu`.
    static let answer: Answering = { request, answer in
        do {
            try await answer.send(try await response(request))
        } catch is NoAnswer {} catch {}
    }

    private struct NoAnswer: Error {}

    static func response(_ request: Request) async throws -> Response {
        let path = String(request.path)
        let number = Int(request.target.dropFirst(path.utf8.count + 1)) ?? 0
        switch path {
        case "/bytes": return Response(status: .ok, body: .bytes(pattern(number)))
        case "/file": return Response(status: .ok, body: .file(try SiteFile(pattern(number)), 0..<Int64(number)))
        case "/stream":
            return Response(status: .ok, body: .stream(length: Int64(number)) { try await write(number, $0) })
        case "/chunked": return Response(status: .ok, body: .stream(length: nil) { try await write(number, $0) })
        case "/none": return Response(status: .init(code: number), body: .none)
        case "/count": return Response(status: .ok, body: .bytes(Array(try await count(request.body).utf8)))
        case "/echo":
            var all: [UInt8] = []
            for try await piece in request.body { all += piece }
            return Response(status: .ok, body: .bytes(all))
        case "/cpu": return Response(status: .ok, body: .bytes(Array("\(threadNanoseconds())".utf8)))
        case "/nothing": throw NoAnswer()
        default: return Response(status: .ok, body: .bytes(Array("text\n".utf8)))
        }
    }

    private static func write(_ count: Int, _ writer: BodyWriter) async throws {
        var start = 0
        while start < count {
            let size = min(10_000, count - start)
            try await writer.write(pattern(size, from: start))
            start += size
        }
    }

    /// Reads a body; says how it was.
    static func count(_ body: RequestBody) async throws -> String {
        var (size, sum) = (0, checksum([]))
        do {
            for try await piece in body {
                size += piece.count
                sum = checksum(piece, continuing: sum)
            }
        } catch let failure as BodyFailure {
            return "\(failure)"
        }
        return "\(size) \(sum)"
    }
}

/// The processor time of the thread that asks.
func threadNanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// An open file without a name.
final class SiteFile: FileContent {
    let descriptor: Int32

    init(_ bytes: [UInt8]) throws {
        var template = Array("/tmp/granary-test-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else { throw TookTooLong(what: "a temporary file") }
        unlink(template)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done)
            }
            guard count > 0 else { throw TookTooLong(what: "a write to a temporary file") }
            done += count
        }
    }

    deinit { close(descriptor) }

    func truncate(to size: Int) { ftruncate(descriptor, off_t(size)) }
}

/// How answers without a wait ended.
final class HotCounts: Sendable {
    let complete = Atomic<Int>(0)
    let broken = Atomic<Int>(0)
    /// The files that `/hotfile` sends, which a test may harm.
    let files = Record<SiteFile>()
}

/// Answers `/hot?5` by bytes and `/hotfile?5` by a file, on the loop; everything else has to be handled.
private final class HotSite: ImmediateAnswers {
    private let counts: HotCounts
    private var prepared: [[UInt8]: PreparedAnswer] = [:]

    init(_ counts: HotCounts) { self.counts = counts }

    func answer(to head: borrowing HeadView) -> ImmediateAnswer? {
        let target = Array(head.target)
        guard head.method != .other, target.starts(with: "/hot".utf8), !head.fields.contains(.range) else { return nil }
        guard let prepared = prepared[target] ?? prepare(target) else { return nil }
        return ImmediateAnswer(prepared: prepared, variable: InlineArray(repeating: UInt8(ascii: "v")), start: 0)
    }

    private func prepare(_ target: [UInt8]) -> PreparedAnswer? {
        guard let mark = target.firstIndex(of: UInt8(ascii: "?")) else { return nil }
        let number = Int(String(decoding: target[(mark + 1)...], as: UTF8.self)) ?? 0
        var content = PreparedAnswer.Content.bytes(pattern(number))
        if target.starts(with: "/hotfile".utf8), let file = try? SiteFile(pattern(number)) {
            counts.files.append(file)
            content = .file(file, sizeInBytes: Int64(number))
        }
        let answer = PreparedAnswer(
            [.contentLength: "\(number)"],
            variable: .init(token: "X-Variable"),
            content: content,
            token: 1,
            target: target
        )
        prepared[target] = answer
        return answer
    }

    func ended(_ answer: ImmediateAnswer, isComplete: Bool) {
        if isComplete {
            counts.complete.wrappingAdd(1, ordering: .relaxed)
        } else {
            counts.broken.wrappingAdd(1, ordering: .relaxed)
        }
    }
}
