// SPDX-License-Identifier: Apache-2.0

import CLinux
import COpenSSL
import Glibc
import Testing

@testable import HTTPServer

@Suite("bytes over TLS", .timeLimit(.minutes(15)))
struct TLSTransferTests {
    @Test("records wait for the flush, which sends them all")
    func gathering() throws {
        let pair = try connected()
        for part in ["one ", "two ", "three"] { #expect(pair.write(Array(part.utf8)) == .bytes(part.utf8.count)) }
        #expect(pair.client.read().isEmpty)
        #expect(pair.server.flush() == .sent)
        #expect(pair.client.read() == Array("one two three".utf8))
    }

    @Test("all bytes arrive in order through sockets that are full", arguments: SplitMix64.seeds)
    func fullSockets(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let pair = try connected(output: CipherBuffer(capacity: Int.random(in: 100...300_000, using: &random)))
        let sent = random.bytes(3 << 20)
        var arrived: [UInt8] = []
        var position = 0
        var timesBlocked = 0
        while arrived.count < sent.count {
            let end = min(sent.count, position + Int.random(in: 1...400_000, using: &random))
            switch pair.write(Array(sent[position..<end])) {
            case .bytes(let count): position += count
            case .wantsWrite: timesBlocked += 1
            case let other: try #require(Bool(false), "\(other)")
            }
            if Bool.random(using: &random) || position == sent.count { pair.server.flush() }
            // The client's turn; it is lazy.
            if Int.random(in: 0..<4, using: &random) == 0 || position == sent.count { arrived += pair.client.read() }
        }
        #expect(arrived == sent)
        #expect(timesBlocked > 0)
        #expect(pair.server.flush() == .sent)
        #expect(!pair.server.isBlocked)
    }

    @Test("what a full socket did not take may be replaced by something else")
    func replacedBytes() throws {
        let pair = try connected()
        let taken = try fill(pair)
        #expect(pair.write(Array("other".utf8)) == .wantsWrite)
        var arrived = pair.client.read()
        while pair.server.flush() == .blocked { arrived += pair.client.read() }
        #expect(pair.write(Array("another".utf8)) == .bytes(7))
        pair.server.flush()
        arrived += pair.client.read()
        #expect(arrived.count == taken + 7)
        #expect(arrived.suffix(7) == Array("another".utf8)[...])
    }

    @Test("uploads arrive whole, and leave nothing behind that epoll would not announce", arguments: SplitMix64.seeds)
    func uploads(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let pair = try connected()
        let sent = random.bytes(1 << 20)
        var arrived: [UInt8] = []
        var position = 0
        while arrived.count < sent.count {
            let end = min(sent.count, position + Int.random(in: 1...70_000, using: &random))
            // OpenSSL's client must offer the same bytes again when the socket was full.
            while position < end {
                let count = pair.client.write(Array(sent[position..<end]))
                position += count
                if count == 0 { arrived += read(pair, random: &random) }
            }
            arrived += read(pair, random: &random)
        }
        #expect(arrived == sent)
    }

    /// Reads with buffers of all sizes, as a loop does: while something is announced, or pending.
    private func read(_ pair: TLSPair, random: inout SplitMix64) -> [UInt8] {
        var all: [UInt8] = []
        while available(pair.server.socket) > 0 || pair.server.hasPending {
            var buffer = [UInt8](repeating: 0, count: Int.random(in: 1...100_000, using: &random))
            if case .bytes(let count) = buffer.withUnsafeMutableBytes({ pair.server.read(into: $0) }) {
                all += buffer[..<count]
            }
        }
        return all
    }

    @Test("a small buffer leaves something pending, and an emptied one nothing")
    func pending() throws {
        let pair = try connected()
        pair.client.write(Array("0123456789".utf8))
        var buffer = [UInt8](repeating: 0, count: 4)
        #expect(buffer.withUnsafeMutableBytes { pair.server.read(into: $0) } == .bytes(4))
        #expect(pair.server.hasPending)
        #expect(available(pair.server.socket) == 0)
        pair.receive()
        #expect(pair.takeReceived() == Array("456789".utf8))
        #expect(!pair.server.hasPending)
    }

    @Test("an end that came with the last bytes is pending")
    func pendingEnd() throws {
        let pair = try connected()
        pair.client.write(Array("last".utf8))
        pair.client.sendCloseNotify()
        var buffer = [UInt8](repeating: 0, count: 100)
        #expect(buffer.withUnsafeMutableBytes { pair.server.read(into: $0) } == .bytes(4))
        #expect(pair.server.hasPending)
        #expect(buffer.withUnsafeMutableBytes { pair.server.read(into: $0) } == .closed)
    }

    @Test("a flood of key updates does not keep a read from coming to its end")
    func keyUpdates() throws {
        let pair = try connected(versions: TLS1_3_VERSION...TLS1_3_VERSION)
        let records = try pair.client.gatherRecords { client in
            for _ in 0..<4000 {
                try #require(SSL_key_update(client.ssl, SSL_KEY_UPDATE_NOT_REQUESTED) == 1)
                try #require(SSL_do_handshake(client.ssl) == 1)
            }
        }
        try #require(send(pair.client.socket, records, records.count, 0) == records.count)
        let before = available(pair.server.socket)
        var buffer = [UInt8](repeating: 0, count: 100)
        #expect(buffer.withUnsafeMutableBytes { pair.server.read(into: $0) } == .wantsRead)
        #expect(available(pair.server.socket) > before / 2)
        // The connection goes on.
        while available(pair.server.socket) > 0 { pair.receive() }
        pair.client.write(Array("still here".utf8))
        pair.receive()
        #expect(pair.takeReceived() == Array("still here".utf8))
    }

    @Test("key updates that a peer asks for and does not read are bounded")
    func unreadKeyUpdates() throws {
        let pair = try connected(versions: TLS1_3_VERSION...TLS1_3_VERSION, output: CipherBuffer(capacity: 32 << 10))
        try fill(pair)
        var wasStopped = false
        for _ in 0..<20_000 where !wasStopped {
            try #require(SSL_key_update(pair.client.ssl, SSL_KEY_UPDATE_REQUESTED) == 1)
            try #require(SSL_do_handshake(pair.client.ssl) == 1)
            wasStopped = pair.receive() == .wantsWrite
        }
        #expect(wasStopped)
        #expect(pair.server.kept.count - pair.server.keptStart < 128 << 10)
    }

    @Test("an error that others left in the thread's queue is not taken for one of the connection")
    func foreignErrors() throws {
        func leaveError() throws {
            #expect(BIO_new_file("/nowhere/file", "r") == nil)
            try #require(ERR_peek_error() != 0)
        }
        defer { ERR_clear_error() }
        let pair = try TLSPair(TLSContext(TestCertificate()))
        // Before the handshake, both wait for the client.
        try leaveError()
        #expect(pair.receive() == .wantsRead)
        try leaveError()
        #expect(pair.write([1]) == .wantsRead)
        try #require(pair.handshake())
        try leaveError()
        #expect(pair.receive() == .wantsRead)
        pair.client.write([1, 2])
        try leaveError()
        pair.receive()
        #expect(pair.takeReceived() == [1, 2])
        try leaveError()
        #expect(pair.write([3]) == .bytes(1))
        try fill(pair)
        try leaveError()
        #expect(pair.write([4]) == .wantsWrite)
        // A connection begins and ends beside it, too.
        try leaveError()
        let other = try connected()
        try leaveError()
        #expect(other.server.sendCloseNotify() == .sent)
        #expect(other.client.read().isEmpty)
        #expect(other.client.isEnded)
        #expect(ERR_peek_error() == 0)
    }

    /// Writes until the socket takes no more; returns how many bytes were taken.
    @discardableResult
    private func fill(_ pair: TLSPair) throws -> Int {
        var taken = 0
        while true {
            switch pair.write([UInt8](repeating: 7, count: 50_000)) {
            case .bytes(let count): taken += count
            case .wantsWrite: return taken
            case let other: try #require(Bool(false), "\(other)")
            }
            pair.server.flush()
        }
    }

    private func connected(
        versions: ClosedRange<Int32> = TLS1_2_VERSION...TLS1_3_VERSION,
        output: CipherBuffer = CipherBuffer()
    ) throws -> TLSPair {
        let pair = try TLSPair(TLSContext(TestCertificate()), .init(versions: versions), output: output)
        try #require(pair.handshake())
        return pair
    }

    /// How many bytes wait in a socket.
    private func available(_ socket: Int32) -> Int {
        var count: Int32 = 0
        return ioctl(socket, UInt(FIONREAD), &count) == 0 ? Int(count) : 0
    }
}
