// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Glibc
import Testing

@testable import HTTPServer

@Suite("ends of connections over TLS", .timeLimit(.minutes(15)))
struct TLSEndTests {
    private static let versions = [TLS1_2_VERSION, TLS1_3_VERSION]

    @Test("close_notify is an end, after all bytes", arguments: versions)
    func closed(version: Int32) throws {
        let pair = try connected(version)
        pair.client.write(Array("all".utf8))
        pair.client.sendCloseNotify()
        pair.cutClient()
        #expect(pair.receive() == .closed)
        #expect(pair.receive() == .closed)
        #expect(pair.takeReceived() == Array("all".utf8))
    }

    @Test("who ended its side still gets an answer", arguments: versions)
    func halfClosed(version: Int32) throws {
        let pair = try connected(version)
        pair.client.sendCloseNotify()
        #expect(pair.receive() == .closed)
        #expect(pair.write(Array("answer".utf8)) == .bytes(6))
        #expect(pair.server.sendCloseNotify() == .sent)
        #expect(pair.client.read() == Array("answer".utf8))
        #expect(pair.client.isEnded)
    }

    @Test("an end without close_notify is a cut, not an end", arguments: versions)
    func truncated(version: Int32) throws {
        let pair = try connected(version)
        pair.client.write(Array("part".utf8))
        pair.cutClient()
        #expect(pair.receive() == .failed(.truncated))
        #expect(pair.takeReceived() == Array("part".utf8))
        #expect(pair.receive() == .failed(.truncated))
        #expect(pair.write([1]) == .failed(.truncated))
    }

    @Test("an end in the middle of a record is a cut")
    func truncatedRecord() throws {
        let pair = try connected(TLS1_3_VERSION)
        send(pair.client.socket, [23, 3, 3, 0, 100, 1, 2, 3] as [UInt8], 8, 0)
        pair.cutClient()
        #expect(pair.receive() == .failed(.truncated))
    }

    @Test("an end before or within the handshake is a cut")
    func truncatedHandshake() throws {
        for bytes in [[], [22, 3, 1, 2, 0, 1]] as [[UInt8]] {
            let pair = try TLSPair(TLSContext(TestCertificate()))
            send(pair.client.socket, bytes, bytes.count, 0)
            pair.cutClient()
            #expect(pair.receive() == .failed(.truncated))
            #expect(!pair.server.isHandshakeDone)
            #expect(pair.server.sendCloseNotify() == .failed(.truncated))
        }
    }

    @Test("a socket that nobody reads from any more is told by the system's error")
    func brokenSocket() throws {
        let pair = try connected(TLS1_3_VERSION)
        pair.cutClient()
        #expect(pair.write([1]) == .bytes(1))
        #expect(pair.server.flush() == .failed(.socket(errno: EPIPE)))
        #expect(pair.write([1]) == .failed(.socket(errno: EPIPE)))
        #expect(TLSError.socket(errno: EPIPE).description == "the other side has closed it")
    }

    @Test("close_notify stands behind what a full socket did not take")
    func closeNotifyBehindBytes() throws {
        let pair = try connected(TLS1_3_VERSION)
        let bytes = [UInt8](repeating: 1, count: 1 << 20)
        guard case .bytes(let taken) = pair.write(bytes) else { return #expect(Bool(false)) }
        #expect(pair.server.sendCloseNotify() == .blocked)
        var arrived = 0
        repeat { arrived += pair.client.read().count } while pair.server.sendCloseNotify() == .blocked
        arrived += pair.client.read().count
        #expect(arrived == taken)
        #expect(pair.client.isEnded)
        #expect(pair.client.failure == nil)
    }

    @Test("a record that was changed on its way ends the connection with an alert")
    func damagedRecord() throws {
        let pair = try connected(TLS1_3_VERSION)
        send(pair.client.socket, [23, 3, 3, 0, 40] + [UInt8](repeating: 9, count: 40), 45, 0)
        guard case .failed(.refused(let code)) = pair.receive() else { return #expect(Bool(false)) }
        #expect(OpenSSLError.reason(of: code).contains("bad record mac"))
        #expect(pair.client.read().isEmpty)
        #expect(pair.client.failure?.contains("bad record mac") == true)
    }

    @Test("a connection that goes leaves no records to the next one")
    func leftovers() throws {
        let output = CipherBuffer()
        let context = try TLSContext(TestCertificate())
        weak var gone: TLSConnection?
        do {
            let pair = try TLSPair(context, output: output)
            try #require(pair.handshake())
            #expect(pair.write([1, 2, 3]) == .bytes(3))
            gone = pair.server
        }
        #expect(gone == nil)
        let next = try TLSPair(context, output: output)
        try #require(next.handshake())
        #expect(next.write([4]) == .bytes(1))
        #expect(next.server.flush() == .sent)
        #expect(next.client.read() == [4])
    }

    private func connected(_ version: Int32) throws -> TLSPair {
        let pair = try TLSPair(TLSContext(TestCertificate()), .init(versions: version...version))
        try #require(pair.handshake())
        return pair
    }
}
