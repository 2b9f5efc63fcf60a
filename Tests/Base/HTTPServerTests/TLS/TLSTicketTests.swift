// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Synchronization
import Testing

@testable import HTTPServer

@Suite("session tickets", .timeLimit(.minutes(15)))
struct TLSTicketTests {
    private let secret: TicketSecret

    init() throws { secret = try .random() }

    @Test("one handshake gives one ticket, a resumed one, too")
    func oneTicket() throws {
        let context = try TLSContext(TestCertificate())
        let first = try connect(context)
        #expect(!first.isResumed)
        #expect(first.tickets == 1)
        let second = try connect(context, resuming: first.session)
        #expect(second.isResumed)
        #expect(second.tickets == 1)
        #expect(try connect(context, resuming: second.session).isResumed)
    }

    @Test("a session is resumed after the certificate was replaced")
    func replacedCertificate() throws {
        let first = try connect(TLSContext(TestCertificate("old"), secret: secret))
        let other = try TLSContext(TestCertificate("new", .rsa(bits: 2048)), secret: secret)
        #expect(try connect(other, resuming: first.session).isResumed)
    }

    @Test("a session is resumed on another node that has the secret, and on no other")
    func otherNodes() throws {
        let certificate = try TestCertificate()
        let first = try connect(TLSContext(certificate, secret: secret))
        let sameBytes = try #require(TicketSecret([UInt8](repeating: 7, count: 32)))
        #expect(try connect(TLSContext(certificate, secret: secret), resuming: first.session).isResumed)
        #expect(try !connect(TLSContext(certificate, secret: sameBytes), resuming: first.session).isResumed)
        #expect(try !connect(TLSContext(certificate), resuming: first.session).isResumed)
        let second = try connect(TLSContext(certificate, secret: sameBytes))
        let twin = try #require(TicketSecret([UInt8](repeating: 7, count: 32)))
        #expect(try connect(TLSContext(certificate, secret: twin), resuming: second.session).isResumed)
    }

    @Test("a ticket lives until the key after its own expires, whatever a node's clock says within that")
    func rotation() throws {
        let clock = Clock(TicketKeys.lifetime * 1000)
        let context = try TLSContext(TestCertificate(), secret: secret, now: { clock.now })
        let first = try connect(context)
        // A node whose clock is behind, at the turn of the key.
        clock.now -= 1
        #expect(try connect(context, resuming: first.session).isResumed)
        clock.now += TicketKeys.lifetime * 2
        #expect(try connect(context, resuming: first.session).isResumed)
        clock.now += 1
        #expect(try !connect(context, resuming: first.session).isResumed)
    }

    @Test("keys of two half days have nothing in common, those of one are the same on every node")
    func keys() throws {
        let one = try #require(TicketKeys.Key(of: secret, epoch: 5))
        let same = try #require(TicketKeys.Key(of: secret, epoch: 5))
        let next = try #require(TicketKeys.Key(of: secret, epoch: 6))
        #expect(one.name == same.name && one.cipherKey == same.cipherKey && one.digestKey == same.digestKey)
        #expect(one.name != next.name && one.cipherKey != next.cipherKey && one.digestKey != next.digestKey)
        #expect([one.name.count, one.cipherKey.count, one.digestKey.count] == [16, 32, 32])
    }

    @Test("keys are derived as RFC 5869 says")
    func derivation() throws {
        // Without a salt, computed by Python's hmac.
        let secret = try #require(TicketSecret(Array(0..<32)))
        #expect(
            secret.derive(42, for: Array("purpose".utf8))
                == [
                    0xC9, 0x38, 0xF7, 0xC9, 0xC9, 0x26, 0xB1, 0x45, 0x6B, 0x39, 0xFD, 0x38, 0x11, 0xE7,
                    0xB2, 0xD8, 0xBE, 0xCC, 0xD7, 0x09, 0xFE, 0xD3, 0x68, 0xD1, 0x33, 0x55, 0x3B, 0x43,
                    0x8F, 0xB8, 0x9D, 0x0B, 0xDD, 0xF5, 0x68, 0x4A, 0xE0, 0x0D, 0xAC, 0xD1, 0xB8, 0x63,
                ]
        )
    }

    @Test("TLS 1.2 gives no tickets, which would tell its keys to who learns the secret later")
    func olderVersion() throws {
        let context = try TLSContext(TestCertificate())
        let first = try connect(context, versions: TLS1_2_VERSION...TLS1_2_VERSION)
        #expect(first.tickets == 0)
        #expect(first.session == nil)
    }

    @Test("a ticket that was changed costs a full handshake and nothing else", arguments: SplitMix64.seeds)
    func changedTicket(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let context = try TLSContext(TestCertificate())
        for _ in 0..<20 {
            let session = try #require(try connect(context).session)
            var count = 0
            let encoded = try session.bytes
            var ticket: UnsafePointer<UInt8>?
            SSL_SESSION_get0_ticket(session.pointer, &ticket, &count)
            let bytes = Array(UnsafeBufferPointer(start: ticket, count: count))
            let start = try #require(encoded.firstRange(of: bytes)).lowerBound
            var changed = encoded
            changed[start + Int.random(in: 0..<count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            #expect(try !connect(context, resuming: TLSSession(encoded: changed)).isResumed)
            #expect(try connect(context, resuming: TLSSession(encoded: encoded)).isResumed)
        }
    }

    @Test("secrets have 32 bytes and are never told")
    func secrets() throws {
        #expect(TicketSecret([UInt8](repeating: 1, count: 31)) == nil)
        let secret = try #require(TicketSecret([UInt8](repeating: 99, count: 32)))
        #expect(!"\(secret) \(String(reflecting: secret))".contains("99"))
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("99"))
    }

    private func connect(
        _ context: TLSContext,
        resuming session: TLSSession? = nil,
        versions: ClosedRange<Int32> = TLS1_2_VERSION...TLS1_3_VERSION
    ) throws -> TLSClient {
        // A copy, for a client uses a session once.
        let copy = try session.map { try TLSSession(encoded: $0.bytes) }
        let pair = try TLSPair(context, .init(versions: versions, session: copy))
        try #require(pair.handshake())
        return pair.client
    }
}

/// A clock that a test turns.
private final class Clock: Sendable {
    private let seconds: Mutex<Int>

    init(_ seconds: Int) { self.seconds = Mutex(seconds) }

    var now: Int {
        get { seconds.withLock { $0 } }
        set { seconds.withLock { $0 = newValue } }
    }
}

extension TLSSession {
    /// A copy, as a client keeps it on disk.
    var bytes: [UInt8] {
        get throws {
            var bytes = [UInt8](repeating: 0, count: Int(i2d_SSL_SESSION(pointer, nil)))
            try bytes.withUnsafeMutableBufferPointer {
                var start = $0.baseAddress
                guard i2d_SSL_SESSION(pointer, &start) > 0 else { throw Unmade() }
            }
            return bytes
        }
    }

    convenience init(encoded: [UInt8]) throws {
        let session = encoded.withUnsafeBufferPointer {
            var start = $0.baseAddress
            return d2i_SSL_SESSION(nil, &start, $0.count)
        }
        self.init(try made(session))
    }
}
