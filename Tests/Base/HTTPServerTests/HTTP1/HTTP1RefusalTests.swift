// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import Testing

@testable import HTTPServer

@Suite("HTTP/1.1: heads that are refused", .timeLimit(.minutes(15)))
struct HTTP1RefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let rule: String
        let head: String
        let refusal: HTTP1Refusal

        init(_ rule: String, _ head: String, _ refusal: HTTP1Refusal) {
            (self.rule, self.head, self.refusal) = (rule, head, refusal)
        }

        var testDescription: String { rule }
    }

    private static func fields(_ fields: String, line: String = "GET / HTTP/1.1", host: String = "Host: h\r\n")
        -> String
    {
        "\(line)\r\n\(host)\(fields)\r\n"
    }

    static let linesRefused = [
        Case("9112 3: two spaces before the target", "GET  / HTTP/1.1\r\n", .noTarget),
        Case("9112 3: two spaces before the version", "GET /  HTTP/1.1\r\n", .noVersion),
        Case("9112 3: a space in the target", "GET /a b HTTP/1.1\r\n", .noVersion),
        Case("9112 3: a space behind the version", "GET / HTTP/1.1 \r\n", .noVersion),
        Case("9112 3: a tab before the target", "GET\t/ HTTP/1.1\r\n", .notHTTP),
        Case("9112 3: a tab behind the target", "GET /\tHTTP/1.1\r\n", .targetBytes),
        Case("9112 3: no target", "GET HTTP/1.1\r\n\r\n", .noVersion),
        Case("9112 3: HTTP/0.9", "GET /\r\n", .noVersion),
        Case("9112 3: white space before the method", " GET / HTTP/1.1\r\n", .notHTTP),
        Case("9112 2.2: two empty lines before the request", "\r\n\r\nGET / HTTP/1.1\r\n", .notHTTP),
        Case("9112 2.2: an LF before the request", "\nGET / HTTP/1.1\r\n", .notHTTP),
        Case("9112 2.2: a CR before the request", "\rGET / HTTP/1.1\r\n", .notHTTP),
        Case("9112 2.2: the request line ends with LF alone", "GET / HTTP/1.1\nHost: h\r\n\r\n", .bareLineFeed),
        Case("9112 2.2: the request line has a bare CR", "GET / HTTP/1.1\rHost: h\r\n\r\n", .bareCarriageReturn),
        Case("9110 9.1: a method that is no token", "GE(T / HTTP/1.1\r\n", .notHTTP),
        Case("9112 3: a method that is too long", String(repeating: "M", count: 33), .methodTooLong),
        Case("9112 2.3: version 0.9", "GET / HTTP/0.9\r\n", .otherVersion),
        Case("9112 2.3: version 2.0", "GET / HTTP/2.0\r\n", .otherVersion),
        Case("9113 3.4: the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .otherVersion),
        Case("9112 2.3: version 3.0", "GET / HTTP/3.0\r\n", .otherVersion),
        Case("9112 2.3: a version of two digits", "GET / HTTP/1.10\r\n", .noVersion),
        Case("9112 2.3: a version without its point", "GET / HTTP/1\r\n", .noVersion),
        Case("9112 2.3: a version in lower case", "GET / http/1.1\r\n", .noVersion),
        Case("9112 2.3: another protocol", "GET / RTSP/1.0\r\n", .noVersion),
        Case("TLS on a plain port", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}", .notHTTP),
        Case("SSH on a plain port", "SSH-2.0-OpenSSH_9.6\r\n", .notHTTP),
        Case("words", "hello, is anybody there?\r\n\r\n", .notHTTP),
    ]

    static let targetsRefused = [
        Case("9112 3.2: a control character", "GET /a\u{1} HTTP/1.1\r\n", .targetBytes),
        Case("9112 3.2: a zero byte", "GET /a\0b HTTP/1.1\r\n", .targetBytes),
        Case("9112 3.2: DEL", "GET /a\u{7f} HTTP/1.1\r\n", .targetBytes),
        Case("9112 3.2: bytes beyond ASCII", "GET /\u{e9} HTTP/1.1\r\n", .targetBytes),
        Case("9112 3.2: a fragment", "GET /a#b HTTP/1.1\r\n", .targetFragment),
        Case("9112 3.2.1: no slash", "GET a HTTP/1.1\r\n", .targetForm),
        Case("9112 3.2.1: a query alone", "GET ?a HTTP/1.1\r\n", .targetForm),
        Case("9112 3.2.2: another scheme", "GET ftp://h/ HTTP/1.1\r\n", .targetForm),
        Case("9112 3.2.2: a scheme alone", "GET http:/a HTTP/1.1\r\n", .targetForm),
        Case("9110 4.2.1: no host", "GET http:///a HTTP/1.1\r\n", .targetAuthority),
        Case("9110 4.2.1: no host but a query", "GET http://?a HTTP/1.1\r\n", .targetAuthority),
        Case("9110 4.2.1: nothing but a scheme", "GET https:// HTTP/1.1\r\n", .targetAuthority),
        Case("9110 4.2.4: a user", "GET http://u@h/ HTTP/1.1\r\n", .targetAuthority),
        Case("9110 4.2.1: a port that is no number", "GET http://h:x/ HTTP/1.1\r\n", .targetAuthority),
        Case("9112 3.2.3: authority form", "CONNECT h:443 HTTP/1.1\r\n", .noTunnel),
        Case("9112 3.2.3: a tunnel to a path", "CONNECT / HTTP/1.1\r\n", .noTunnel),
        Case("9112 3.2.3: authority form for another method", "GET h:443 HTTP/1.1\r\n", .targetForm),
        Case("9112 3.2.4: asterisk form for another method", "GET * HTTP/1.1\r\n", .targetForm),
        Case("9112 3.2.4: more than an asterisk", "OPTIONS *a HTTP/1.1\r\n", .targetForm),
        Case("9112 3: a target that is too long", "GET /" + String(repeating: "a", count: 8 * 1024), .targetTooLong),
    ]

    static let fieldsRefused = [
        Case("9112 5: no colon", fields("X-Nothing\r\n"), .noColon),
        Case("9112 5: no name", fields(": a\r\n"), .noName),
        Case("9112 5.1: a space before the colon", fields("Content-Length : 5\r\n"), .spaceBeforeColon),
        Case("9112 5.1: a tab before the colon", fields("Content-Length\t: 5\r\n"), .spaceBeforeColon),
        Case("9112 5.2: a folded field", fields("X: one\r\n two\r\n"), .foldedField),
        Case("9112 5.2: a folded field with a tab", fields("X: one\r\n\ttwo\r\n"), .foldedField),
        Case("9112 2.2: white space before the first field", fields("", host: " Host: h\r\n"), .foldedField),
        Case("9112 2.2: a line of white space", fields(" \r\n"), .foldedField),
        Case("9110 5.1: a name that is no token", fields("X(Y): a\r\n"), .nameBytes),
        Case("9110 5.1: a name beyond ASCII", fields("\u{e9}: a\r\n"), .nameBytes),
        Case("9110 5.1: a zero byte in a name", fields("X\0Y: a\r\n"), .nameBytes),
        Case("9110 5.5: a zero byte in a value", fields("X: a\0b\r\n"), .valueBytes),
        Case("9110 5.5: a control character in a value", fields("X: a\u{1b}b\r\n"), .valueBytes),
        Case("9110 5.5: a vertical tab before a value", fields("Transfer-Encoding:\u{b}chunked\r\n"), .valueBytes),
        Case("9110 5.5: DEL in a value", fields("X: a\u{7f}\r\n"), .valueBytes),
        Case("9112 2.2: a bare CR in a value", fields("X: a\rb\r\n"), .bareCarriageReturn),
        Case("9112 2.2: two CR at the end of a line", fields("X: a\r\r\n"), .bareCarriageReturn),
        Case("9112 2.2: a bare CR behind a name", fields("X\rY: a\r\n"), .bareCarriageReturn),
        Case("9112 2.2: a bare CR before a name", fields("\rX: a\r\n"), .bareCarriageReturn),
        Case("9112 2.2: a field ends with LF alone", fields("X: a\nY: b\r\n"), .bareLineFeed),
        Case("9112 2.2: the empty line is LF alone", "GET / HTTP/1.1\r\nHost: h\r\n\n", .bareLineFeed),
        Case("9112 2.2: LF LF ends nothing", "GET / HTTP/1.1\r\nHost: h\n\nGET /b HTTP/1.1\r\n\r\n", .bareLineFeed),
        Case("9112 5: too many fields", fields(String(repeating: "X: x\r\n", count: 200)), .headTooLarge),
        Case("9112 5: a head that is too large", fields("X: " + String(repeating: "x", count: 33_000)), .headTooLarge),
        Case(
            "9112 5: a head without an end",
            "GET / HTTP/1.1\r\nX" + String(repeating: "x", count: 40_000),
            .headTooLarge
        ),
    ]

    static let hostsRefused = [
        Case("9112 3.2: no host", fields("", host: ""), .noHost),
        Case("9112 3.2: two hosts", fields("Host: h\r\n"), .severalHosts),
        Case("9112 3.2: two hosts in HTTP/1.0", fields("host: i\r\n", line: "GET / HTTP/1.0"), .severalHosts),
        Case("9112 3.2.2: absolute form without a host", fields("", line: "GET http://h/ HTTP/1.1", host: ""), .noHost),
        Case("9112 3.2: a list of hosts", fields("", host: "Host: a, b\r\n"), .badHost),
        Case("9112 3.2: a path", fields("", host: "Host: a/b\r\n"), .badHost),
        Case("9112 3.2: a user", fields("", host: "Host: u@h\r\n"), .badHost),
        Case("9112 3.2: a space", fields("", host: "Host: a b\r\n"), .badHost),
        Case("9112 3.2: bytes beyond ASCII", fields("", host: "Host: \u{e9}\r\n"), .badHost),
        Case("9112 3.2: a port that is no number", fields("", host: "Host: h:8o\r\n"), .badHost),
        Case("9112 3.2: two ports", fields("", host: "Host: h:80:80\r\n"), .badHost),
        Case("9112 3.2: an address of IPv6 without its brackets", fields("", host: "Host: ::1\r\n"), .badHost),
        Case("9112 3.2: an open bracket", fields("", host: "Host: [::1\r\n"), .badHost),
        Case("9112 3.2: empty brackets", fields("", host: "Host: []\r\n"), .badHost),
        Case("9112 3.2: text behind brackets", fields("", host: "Host: [::1]h\r\n"), .badHost),
    ]

    static let framingRefused = [
        Case("9110 8.6: an empty length", fields("Content-Length:\r\n"), .badLength),
        Case("9110 8.6: a negative length", fields("Content-Length: -5\r\n"), .badLength),
        Case("9110 8.6: a length with a plus", fields("Content-Length: +5\r\n"), .badLength),
        Case("9110 8.6: a length in hexadecimal", fields("Content-Length: 0x5\r\n"), .badLength),
        Case("9110 8.6: a length with a space", fields("Content-Length: 1 0\r\n"), .badLength),
        Case("9110 8.6: a list of lengths", fields("Content-Length: 5, 6\r\n"), .badLength),
        Case("9110 8.6: a list of equal lengths", fields("Content-Length: 5, 5\r\n"), .badLength),
        Case("9110 8.6: a length of 2^63", fields("Content-Length: 9223372036854775808\r\n"), .lengthTooLarge),
        Case("9110 8.6: a length of 2^64 and 5", fields("Content-Length: 18446744073709551621\r\n"), .lengthTooLarge),
        Case("9112 6.3: two lengths", fields("Content-Length: 5\r\nContent-Length: 6\r\n"), .severalLengths),
        Case("9112 6.3: two equal lengths", fields("Content-Length: 5\r\ncontent-length: 5\r\n"), .severalLengths),
        Case(
            "9112 6.3: length and coding",
            fields("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"),
            .lengthAndCoding
        ),
        Case(
            "9112 6.3: coding and length",
            fields("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"),
            .lengthAndCoding
        ),
        Case("9112 6.1: another coding", fields("Transfer-Encoding: gzip\r\n"), .otherCoding),
        Case("9112 6.1: another coding first", fields("Transfer-Encoding: gzip, chunked\r\n"), .otherCoding),
        Case("9112 6.1: identity", fields("Transfer-Encoding: identity\r\n"), .otherCoding),
        Case("9112 7.1: a parameter of chunked", fields("Transfer-Encoding: chunked;a=b\r\n"), .otherCoding),
        Case("9112 6.1: a name like chunked", fields("Transfer-Encoding: xchunked\r\n"), .otherCoding),
        Case("9112 6.1: a quoted coding", fields("Transfer-Encoding: \"chunked\"\r\n"), .otherCoding),
        Case("9112 6.3: chunked is not last", fields("Transfer-Encoding: chunked, gzip\r\n"), .badCoding),
        Case(
            "9112 6.3: chunked is not last of two fields",
            fields("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"),
            .badCoding
        ),
        Case("9112 6.1: chunked twice", fields("Transfer-Encoding: chunked, chunked\r\n"), .badCoding),
        Case(
            "9112 6.1: chunked in two fields",
            fields("Transfer-Encoding: chunked\r\ntransfer-encoding: chunked\r\n"),
            .badCoding
        ),
        Case("9112 6.1: no coding", fields("Transfer-Encoding:\r\n"), .badCoding),
        Case("9112 6.1: an empty element", fields("Transfer-Encoding: , chunked\r\n"), .badCoding),
        Case("9112 6.1: an empty element at the end", fields("Transfer-Encoding: chunked,\r\n"), .badCoding),
        Case(
            "9112 6.1: a coding in HTTP/1.0",
            fields("Transfer-Encoding: chunked\r\n", line: "GET / HTTP/1.0"),
            .codingInHTTP10
        ),
        Case("9110 10.1.1: another expectation", fields("Expect: miracles\r\n"), .expectation),
        Case("9110 10.1.1: a list of expectations", fields("Expect: 100-continue, miracles\r\n"), .expectation),
        Case("9110 10.1.1: an empty expectation", fields("Expect:\r\n"), .expectation),
    ]

    @Test("request lines", arguments: linesRefused)
    func requestLine(_ example: Case) { expect(example) }

    @Test("targets", arguments: targetsRefused)
    func target(_ example: Case) { expect(example) }

    @Test("fields", arguments: fieldsRefused)
    func field(_ example: Case) { expect(example) }

    @Test("hosts", arguments: hostsRefused)
    func host(_ example: Case) { expect(example) }

    @Test("lengths, codings, expectations", arguments: framingRefused)
    func framing(_ example: Case) { expect(example) }

    private func expect(_ example: Case) {
        #expect(HTTP1Reading(example.head).result == .refused(example.refusal))
    }

    @Test("each refusal has its status and one sentence of what is wrong and what to do")
    func sentences() {
        let all =
            (Self.linesRefused + Self.targetsRefused + Self.fieldsRefused + Self.hostsRefused + Self.framingRefused)
            .map(\.refusal)
        for refusal in Set(all) {
            #expect([400, 414, 417, 431, 501, 505].contains(refusal.status.code))
            #expect(refusal.sentence.contains(": ") && !refusal.sentence.hasSuffix("."), "\(refusal.sentence)")
            #expect(refusal.sentence.utf8.count < 120 && refusal.sentence.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F })
        }
        let codes = [HTTP1Refusal.notHTTP, .targetTooLong, .expectation, .headTooLarge, .otherCoding, .otherVersion]
        #expect(codes.map(\.status.code) == [400, 414, 417, 431, 501, 505])
    }
}
