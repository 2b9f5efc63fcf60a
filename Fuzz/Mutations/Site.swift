// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import HTTPServer

/// Short answers of all kinds, chosen by the length of the target, which mutations cannot make large.
struct Site: RequestHandler {
    func handle(_ request: Request, answer: consuming AnswerWriter) async {
        var received = 0
        // Some do not read what they are sent.
        if request.target.utf8.count % 7 != 0 {
            do { for try await piece in request.body { received += piece.count } } catch {}
        }
        let size = request.target.utf8.count * 10
        let body: ResponseBody =
            switch request.target.utf8.count % 5 {
            case 0: .bytes(Self.pattern(size))
            case 1: .stream(length: Int64(size)) { try await $0.write(Self.pattern(size)) }
            case 2: .stream(length: nil) { for _ in 0..<3 { try await $0.write(Self.pattern(size * 20)) } }
            case 3: Self.file(Self.pattern(size))
            default: .bytes(Array("\(received)".utf8))
            }
        try? await answer.send(Response(status: .ok, body: body))
    }

    func makeImmediateAnswers() -> (any ImmediateAnswers)? { HotSite() }

    private static func file(_ bytes: [UInt8]) -> ResponseBody {
        guard let file = SiteFile(bytes) else { return .bytes(bytes) }
        return .file(file, 0..<Int64(bytes.count))
    }

    static func pattern(_ size: Int) -> [UInt8] { [UInt8](repeating: UInt8(ascii: "p"), count: size) }
}

/// Answers `/hot` without a wait.
private final class HotSite: ImmediateAnswers {
    private let prepared = PreparedAnswer(
        [.contentLength: "100"],
        variable: .init(token: "X-Variable"),
        content: .bytes(Site.pattern(100)),
        token: 1
    )

    func answer(to head: borrowing HeadView) -> ImmediateAnswer? {
        guard head.method != .other, Array(head.target) == Array("/hot".utf8), head.fields.isEmpty else { return nil }
        return ImmediateAnswer(prepared: prepared, variable: InlineArray(repeating: UInt8(ascii: "v")), start: 0)
    }

    func ended(_ answer: ImmediateAnswer, isComplete: Bool) {}
}

/// An open file without a name.
private final class SiteFile: FileContent {
    let descriptor: Int32

    init?(_ bytes: [UInt8]) {
        var template = Array("/tmp/granary-mutations-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        unlink(template)
        guard descriptor >= 0, write(descriptor, bytes, bytes.count) == bytes.count else { return nil }
    }

    deinit { close(descriptor) }
}
