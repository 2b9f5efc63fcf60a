// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HTTPServer

@Suite("HTTP/1.1: chunked bodies (RFC 9112, section 7.1)", .timeLimit(.minutes(15)))
struct ChunkedDecoderTests {
    /// What was decoded of bytes that came in pieces.
    struct Decoded: Equatable {
        var content: [UInt8] = []
        /// How many bytes the body took; nil when it did not end.
        var length: Int?
        var refusal: HTTP1Refusal?

        init(_ bytes: [UInt8], step: Int = .max) {
            var decoder = ChunkedDecoder()
            var start = 0
            while start < bytes.count {
                let end = start + min(step, bytes.count - start)
                var index = start
                do throws(HTTP1Refusal) {
                    reading: while true {
                        // Each piece is a buffer of its own, as the socket's is.
                        switch try decoder.next(bytes.span.extracting(first: end), &index) {
                        case .content(let range): content += bytes[range]
                        case .incomplete: break reading
                        case .end:
                            length = index
                            return
                        }
                    }
                } catch {
                    refusal = error
                    return
                }
                start = end
            }
            if decoder.contentLength != content.count { length = -1 }
        }

        init(_ text: String, step: Int = .max) { self.init(Array(text.utf8), step: step) }
    }

    static let complete: [(String, String)] = [
        ("0\r\n\r\n", ""), ("5\r\nhello\r\n0\r\n\r\n", "hello"), ("00000\r\n\r\n", ""),
        ("a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", "01234567890123456789"),
        ("000000000000000F\r\n0123456789abcde\r\n0\r\n\r\n", "0123456789abcde"),
        ("2;a=b;c\r\n\r\n\r\n0;last\r\n\r\n", "\r\n"), ("1;a=\"\t;\u{e9}\"\r\nx\r\n0\r\n\r\n", "x"),
        ("1\r\nx\r\n0\r\nExpires: never\r\nX-Empty:\r\nContent-Length: 7\r\n\r\n", "x"),
    ]

    @Test("content and end are found, and what follows is left", arguments: complete)
    func bodies(_ body: String, _ content: String) {
        let decoded = Decoded(body + "GET / HTTP/1.1\r\n")
        #expect(decoded.content == Array(content.utf8))
        #expect(decoded.length == body.utf8.count)
        #expect(decoded.refusal == nil)
    }

    static let broken: [(rule: String, body: String, refusal: HTTP1Refusal)] = [
        ("no size", "\r\n", .badChunk), ("an empty size before an extension", ";a\r\n", .badChunk),
        ("no number", "zz\r\n", .badChunk), ("a sign", "-5\r\nhello", .badChunk), ("a plus", "+5\r\nhello", .badChunk),
        ("0x", "0x5\r\nhello", .badChunk), ("white space before a size", " 5\r\nhello", .badChunk),
        ("white space behind a size", "5 \r\nhello", .badChunk), ("an underscore", "1_0\r\n", .badChunk),
        ("17 digits", "00000000000000005\r\nhello", .badChunk), ("2^63", "8000000000000000\r\n", .badChunk),
        ("2^64 - 1", "ffffffffffffffff\r\n", .badChunk), ("2^64 and 5", "10000000000000005\r\n", .badChunk),
        ("more than 2^63 in all", "1\r\nx\r\n7fffffffffffffff\r\n", .badChunk),
        ("LF behind a size", "5\nhello", .badChunk), ("a bare CR behind a size", "5\rhello", .badChunk),
        ("LF behind an extension", "5;a\nhello", .badChunk), ("a zero byte in an extension", "5;\0\r\n", .badChunk),
        ("a bare CR in an extension", "5;a\rb\r\nhello", .badChunk), ("DEL in an extension", "5;\u{7f}\r\n", .badChunk),
        ("a chunk without its end", "5\r\nhelloXX0\r\n\r\n", .badChunk), ("LF behind a chunk", "1\r\nx\n", .badChunk),
        ("a bare CR behind a chunk", "1\r\nx\r0\r\n", .badChunk),
        ("a line of 4 KiB", "5;" + String(repeating: "a", count: 4096), .chunkLineTooLong),
        ("LF instead of the trailer", "0\r\n\n", .bareLineFeed),
        ("a bare CR instead of it", "0\r\n\rX", .bareCarriageReturn),
        ("a trailer without a colon", "0\r\nX\r\n", .noColon), ("a trailer without a name", "0\r\n: a\r\n", .noName),
        ("space before the trailer's colon", "0\r\nX : a\r\n", .spaceBeforeColon),
        ("a folded trailer", "0\r\nX: a\r\n b\r\n", .foldedField), ("no token", "0\r\nX(: a\r\n", .nameBytes),
        ("a trailer that begins with no token", "0\r\n(X: a\r\n", .nameBytes),
        ("a control character", "0\r\nX: \u{1}\r\n", .valueBytes), ("LF in a trailer", "0\r\nX: a\n", .bareLineFeed),
        ("LF in a trailer's name", "0\r\nX\n", .bareLineFeed), ("CR in a trailer", "0\r\nX: a\rb", .bareCarriageReturn),
        ("too many trailers", "0\r\n" + String(repeating: "X: a\r\n", count: 201), .trailerTooLarge),
        ("a trailer that is too large", "0\r\nX: " + String(repeating: "a", count: 33_000), .trailerTooLarge),
    ]

    @Test("what is no chunked body is refused, however it comes", arguments: broken)
    func refusals(_ rule: String, _ body: String, _ refusal: HTTP1Refusal) {
        for step in [.max, 1] {
            let decoded = Decoded(body, step: step)
            #expect((decoded.refusal, decoded.length) == (refusal, nil))
        }
    }

    @Test("a body that breaks off is incomplete")
    func prefixes() {
        let body = Array("5\r\nhello\r\n1;a\r\n!\r\n0\r\nX: a\r\n\r\n".utf8)
        for count in 0..<body.count {
            let decoded = Decoded(Array(body.prefix(count)))
            #expect((decoded.length, decoded.refusal) == (nil, nil), "\(count) bytes")
        }
    }

    @Test("small chunks are fine as long as they say little beyond their content")
    func overhead() {
        let small = String(repeating: "1\r\nx\r\n", count: 100_000) + "0\r\n\r\n"
        #expect(Decoded(small).content.count == 100_000)
        let signed = String(repeating: "400;signature=\(String(repeating: "a", count: 64))\r\n", count: 1)
        let chunk = signed + String(repeating: "x", count: 1024) + "\r\n"
        #expect(Decoded(String(repeating: chunk, count: 1000) + "0\r\n\r\n").content.count == 1_024_000)
        let long = String(repeating: "1;\(String(repeating: "a", count: 100))\r\nx\r\n", count: 1000)
        #expect(Decoded(long).refusal == .chunkLineTooLong)
    }

    @Test("the largest chunk is taken as far as it comes")
    func largest() throws {
        var decoder = ChunkedDecoder()
        let body = Array("7fffffffffffffff\r\nabc".utf8)
        var index = 0
        #expect(try decoder.next(body.span, &index) == .content(18..<21))
        #expect(try decoder.next(body.span, &index) == .incomplete)
        #expect(decoder.contentLength == 3)
    }

    @Test("bytes cut anywhere mean the same, and none stop the decoder", arguments: SplitMix64.seeds)
    func mutations(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let pool = (Self.complete.map(\.0) + Self.broken.map(\.body)).filter { $0.utf8.count < 1000 }
        for _ in 0..<3000 {
            var bytes = Array((pool.randomElement(using: &random) ?? "").utf8)
            for _ in 0..<Int.random(in: 0...3, using: &random) { HTTP1SplittingTests.mutate(&bytes, &random) }
            let whole = Decoded(bytes)
            let step = Int.random(in: 1...9, using: &random)
            #expect(Decoded(bytes, step: step) == whole, "step \(step), seed \(seed): \(bytes)")
        }
    }
}
