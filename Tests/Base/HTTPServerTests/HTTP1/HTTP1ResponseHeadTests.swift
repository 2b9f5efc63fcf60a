// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Testing

@testable import HTTPServer

@Suite("HTTP/1.1: heads of answers", .timeLimit(.minutes(15)))
struct HTTP1ResponseHeadTests {
    private static let date = HTTPDate.bytes(secondsSince1970: 784_111_777)

    private func head(
        _ status: HTTPResponse.Status = .ok,
        _ headers: HTTPFields = [:],
        contentLength: Int64? = 5,
        toHead: Bool = false,
        version: HTTPVersion = .http1_1,
        persistence: Persistence = .persistent
    ) -> HTTP1ResponseHead {
        HTTP1ResponseHead(
            status: status,
            headers: headers,
            contentLength: contentLength,
            toHead: toHead,
            version: version,
            persistence: persistence
        )
    }

    private func lines(_ head: HTTP1ResponseHead) -> [String] {
        var bytes = Array("before".utf8)
        head.append(to: &bytes, date: Self.date)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("beforeHTTP/1.1 ") && text.hasSuffix("\r\n\r\n"))
        // CR LF is one character.
        return text.dropFirst(6).dropLast(2).split(separator: "\r\n", omittingEmptySubsequences: false).map(String.init)
    }

    @Test("a head has status, date, fields and length")
    func whole() {
        let head = head(.created, [.contentType: "text/plain", .eTag: "\"a\""])
        #expect(
            lines(head) == [
                "HTTP/1.1 201 Created", "Date: Sun, 06 Nov 1994 08:49:37 GMT", "Content-Type: text/plain",
                "ETag: \"a\"",
                "Content-Length: 5",
            ]
        )
        #expect((head.framing, head.persistence) == (.length(5), .persistent))
    }

    @Test("RFC 9110, section 6.6.1: a date that is there stays")
    func ownDate() {
        #expect(lines(head(.ok, [.date: "yesterday"])).filter { $0.hasPrefix("Date") } == ["Date: yesterday"])
    }

    @Test("RFC 9112, section 6: content without a known length is chunked, for HTTP/1.0 it ends with the connection")
    func unknownLength() {
        let chunked = head(contentLength: nil)
        #expect(chunked.framing == .chunked)
        #expect(lines(chunked).last == "Transfer-Encoding: chunked")
        let old = head(contentLength: nil, version: .http1_0, persistence: .keptAlive)
        #expect((old.framing, old.persistence) == (.connection, .closes))
        #expect(lines(old).last == "Connection: close")
    }

    @Test("RFC 9112, section 6.3: an answer without content has no framing", arguments: [100, 101, 204, 304])
    func noContent(_ code: Int) {
        let headers: HTTPFields = [.contentLength: "5", .transferEncoding: "chunked"]
        let head = head(HTTPResponse.Status(code: code), headers, contentLength: 0)
        #expect(head.framing == .none)
        #expect(!lines(head).contains { $0.hasPrefix("Content-Length") || $0.hasPrefix("Transfer") })
    }

    @Test("RFC 9110, section 9.3.2: the answer to a HEAD says what that to a GET does, and ends with its head")
    func toHead() {
        for (headers, length) in [([:], 7), ([.contentLength: "7"], 0), ([.contentLength: "7"], nil)]
            as [(HTTPFields, Int64?)]
        {
            let head = head(.ok, headers, contentLength: length, toHead: true)
            #expect(head.framing == .none)
            #expect(lines(head).last == "Content-Length: 7")
        }
        #expect(lines(head(contentLength: nil, toHead: true)).last == "Transfer-Encoding: chunked")
        #expect(head(.notFound, contentLength: 0, toHead: true).framing == .none)
    }

    @Test("a handler cannot frame an answer otherwise than it is sent")
    func framingIsTheServers() {
        let headers: HTTPFields = [.contentLength: "99", .transferEncoding: "gzip", .connection: "upgrade"]
        #expect(lines(head(.ok, headers)).dropFirst(2) == ["Content-Length: 5"])
    }

    @Test("RFC 9112, section 9.6: the answer says what becomes of the connection")
    func connection() {
        #expect(lines(head(persistence: .closes)).last == "Connection: close")
        #expect(lines(head(persistence: .keptAlive)).last == "Connection: keep-alive")
        #expect(lines(head(.ok, [.connection: "Close"])).last == "Connection: close")
        #expect(head(.ok, [.connection: "Close"]).persistence == .closes)
        #expect(lines(head(.ok, [.connection: "keep-alive"], persistence: .closes)).last == "Connection: close")
    }

    @Test("RFC 9110, section 5.5: no value splits an answer")
    func splitting() {
        let value = "a\r\nSet-Cookie: b\n\rc\0d\u{7f}\te\u{e9}\r\n\r\n<html>"
        let headers: HTTPFields = [.location: value, HTTPField.Name(token: "X\r\nY: z"): "v"]
        let status = HTTPResponse.Status(code: 302, reasonPhrase: "Found\r\nA: b")
        #expect(
            lines(head(status, headers)) == [
                "HTTP/1.1 302 Found  A: b", "Date: Sun, 06 Nov 1994 08:49:37 GMT",
                "Location: a  Set-Cookie: b  c d \te\u{e9}    <html>", "X--Y--z: v", "Content-Length: 5",
            ]
        )
    }

    @Test("a refusal is a whole answer, behind which the connection ends")
    func refusal() {
        let text = String(decoding: HTTP1Refusal.headTooLarge.answer(date: Self.date), as: UTF8.self)
        #expect(
            text == """
                HTTP/1.1 431 Request Header Fields Too Large\r
                Date: Sun, 06 Nov 1994 08:49:37 GMT\r
                Content-Type: text/plain; charset=utf-8\r
                Content-Length: 61\r
                Connection: close\r
                \r
                the request head is too large: send fewer or shorter headers

                """
        )
        let toHead = String(decoding: HTTP1Refusal.headTooLarge.answer(toHead: true, date: Self.date), as: UTF8.self)
        #expect(toHead.hasSuffix("\r\n\r\n") && text.hasPrefix(toHead))
    }

    @Test("chunks are written as they are read")
    func chunks() {
        var bytes: [UInt8] = []
        for content in ["hello", String(repeating: "x", count: 300)] {
            HTTP1ResponseHead.appendChunkSize(content.utf8.count, to: &bytes)
            bytes += content.utf8
            bytes += "\r\n".utf8
        }
        bytes += HTTP1ResponseHead.lastChunk
        let decoded = ChunkedDecoderTests.Decoded(bytes)
        #expect(decoded.length == bytes.count)
        #expect(decoded.content.count == 305)
    }
}
