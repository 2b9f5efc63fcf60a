// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

@testable import HTTPServer

/// What was read of a head, as values that can be compared.
struct HTTP1Reading: Equatable {
    let result: HTTP1Parser.Result
    var method = ""
    var target = ""
    var version = HTTPVersion.http1_1
    var fields: [String] = []
    var known: HeadView.Fields = []
    var framing = BodyFraming.none
    var persistence = Persistence.persistent
    var expectsContinue = false

    /// Reads bytes in one call.
    init(_ bytes: [UInt8]) {
        var parser = HTTP1Parser()
        self.init(parser.parse(bytes.span), parser, bytes)
    }

    init(_ text: String) { self.init(Array(text.utf8)) }

    /// Reads bytes as they come, `step` at a time, with a parser that reads something else between two calls.
    init(_ bytes: [UInt8], step: Int) {
        var parser = HTTP1Parser()
        let other = Array("PUT /other HTTP/1.0\r\nA: b\r\nContent-Length: 7\r\n\r\n".utf8)
        var result = HTTP1Parser.Result.incomplete(resumeAt: 0)
        var end = 0
        while end < bytes.count, case .incomplete(let resume) = result {
            _ = parser.parse(other.span)
            end = min(end + step, bytes.count)
            result = parser.parse(bytes.span.extracting(first: end), from: resume)
        }
        self.init(result, parser, bytes)
    }

    private init(_ result: HTTP1Parser.Result, _ parser: HTTP1Parser, _ bytes: [UInt8]) {
        self.result = result
        guard case .head = result else { return }
        let head = parser.requestHead(of: bytes.span)
        (method, target, version) = (head.method.rawValue, head.target, head.version)
        fields = head.headers.map { "\($0.name): \($0.value)" }
        known = parser.known
        (framing, persistence, expectsContinue) = (parser.framing, parser.persistence, parser.expectsContinue)
    }
}
