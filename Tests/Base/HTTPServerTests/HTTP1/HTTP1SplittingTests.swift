// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import HTTPServer

@Suite("HTTP/1.1: bytes cut anywhere, and any bytes", .timeLimit(.minutes(15)))
struct HTTP1SplittingTests {
    static let heads =
        (HTTP1RefusalTests.linesRefused + HTTP1RefusalTests.targetsRefused + HTTP1RefusalTests.fieldsRefused
        + HTTP1RefusalTests.hostsRefused + HTTP1RefusalTests.framingRefused).map { Array($0.head.utf8) } + accepted

    static let accepted = [
        "\r\nGET /a?b HTTP/1.1\r\nHost: h\r\nUser-Agent: curl/8\r\nAccept: */*\r\n\r\nGET / HTTP/1.1\r\n",
        "PUT http://h?b HTTP/1.0\r\nAuthorization: a\r\nConnection: keep-alive\r\nContent-Length: 3\r\n\r\nabc",
        "PUT /x HTTP/1.1\r\nhost: [::1]:80\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\nX:\t\r\n\r\n0\r\n\r\n",
    ].map { Array($0.utf8) }

    @Test("a head that comes in two pieces is read as one that comes whole")
    func twoPieces() {
        for head in Self.heads where head.count < 1000 {
            let whole = HTTP1Reading(head)
            for cut in 1..<head.count {
                var parser = HTTP1Parser()
                var result = parser.parse(head.span.extracting(first: cut))
                if case .incomplete(let resume) = result { result = parser.parse(head.span, from: resume) }
                #expect(result == whole.result, "cut at \(cut): \(String(decoding: head, as: UTF8.self))")
            }
        }
    }

    @Test("a head that comes byte by byte is read as one that comes whole", arguments: [1, 3, 4096])
    func drip(step: Int) {
        for head in Self.heads where head.count < 1000 * step {
            #expect(HTTP1Reading(head, step: step) == HTTP1Reading(head), "\(String(decoding: head, as: UTF8.self))")
        }
    }

    @Test("a dripped head goes on where its fields ended")
    func resumes() {
        let head = Array("GET / HTTP/1.1\r\nHost: h\r\nX: y".utf8)
        var parser = HTTP1Parser()
        #expect(parser.parse(head.span.extracting(first: 15)) == .incomplete(resumeAt: 0))
        #expect(parser.parse(head.span.extracting(first: 16)) == .incomplete(resumeAt: 16))
        #expect(parser.parse(head.span, from: 16) == .incomplete(resumeAt: head.count))
    }

    @Test("no bytes stop the parser, and its verdict does not depend on how they come", arguments: SplitMix64.seeds)
    func mutations(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let pool = Self.heads.filter { $0.count < 1000 }
        for _ in 0..<2000 {
            var bytes = pool.randomElement(using: &random) ?? []
            for _ in 0..<Int.random(in: 1...4, using: &random) { Self.mutate(&bytes, &random) }
            let whole = HTTP1Reading(bytes)
            let step = Int.random(in: 1...20, using: &random)
            #expect(HTTP1Reading(bytes, step: step) == whole, "step \(step), seed \(seed): \(bytes)")
            if case .head(let length) = whole.result { #expect(length <= bytes.count) }
        }
    }

    static func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let notable: [UInt8] = [0, 9, 10, 13, 32, 35, 44, 47, 48, 58, 59, 127, 128, 255]
        let byte =
            Bool.random(using: &random)
            ? notable.randomElement(using: &random) ?? 0 : UInt8.random(in: 0...255, using: &random)
        let index = Int.random(in: 0...bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes.insert(byte, at: index)
        case 1 where index < bytes.count: bytes[index] = byte
        case 2 where index < bytes.count: bytes.remove(at: index)
        default:
            let end = Int.random(in: index...bytes.count, using: &random)
            bytes.insert(contentsOf: bytes[index..<end], at: Int.random(in: 0...bytes.count, using: &random))
        }
    }
}

@Suite("HTTP/1.1: classes of bytes", .timeLimit(.minutes(15)))
struct HTTP1ByteTests {
    @Test("tokens (RFC 9110, section 5.6.2) and registered names (RFC 3986, section 3.2.2)")
    func classes() {
        let alphanumeric = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        for byte in UInt8.min...UInt8.max {
            #expect(byte.isToken == (alphanumeric.contains(byte) || "!#$%&'*+-.^_`|~".utf8.contains(byte)))
            #expect(byte.isRegisteredName == (alphanumeric.contains(byte) || "-._~!$&'()*+,;=%".utf8.contains(byte)))
            #expect(byte.hexadecimalDigit == UInt8(String(UnicodeScalar(byte)), radix: 16))
        }
    }

    @Test("the first control character is found at every place, between all other bytes", arguments: SplitMix64.seeds)
    func controls(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<5000 {
            let bytes = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                UInt8.random(in: Bool.random(using: &random) ? 0x1D...0x22 : 0x7B...0xFF, using: &random)
            }
            let start = Int.random(in: 0...bytes.count, using: &random)
            let expected = bytes[start...].firstIndex { $0 < 0x20 || $0 == 0x7F } ?? bytes.count
            #expect(bytes.span.firstControl(in: start..<bytes.count) == expected, "\(bytes) from \(start)")
        }
    }
}
