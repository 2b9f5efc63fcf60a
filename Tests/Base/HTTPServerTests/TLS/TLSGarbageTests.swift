// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Glibc
import Testing

@testable import HTTPServer

/// Clients whose bytes are damaged on their way, in every state of a connection.
@Suite("garbage over TLS", .timeLimit(.minutes(15)))
struct TLSGarbageTests {
    @Test("damaged conversations end, and leave nothing behind", arguments: SplitMix64.seeds)
    func damagedConversations(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let context = try TLSContext(TestCertificate())
        let output = CipherBuffer()
        var ended = 0
        for _ in 0..<100 {
            weak var gone: TLSConnection?
            do {
                let conversation = try Conversation(context, output, random: &random)
                gone = conversation.server
                if try conversation.run(random: &random) { ended += 1 }
            }
            #expect(gone == nil)
        }
        // Some do no harm: bytes that are cut into pieces, or the last alert.
        #expect(ended > 30)
        // The context still serves.
        #expect(try TLSPair(context, output: output).handshake())
    }

    @Test("random bytes are no handshake", arguments: SplitMix64.seeds)
    func randomBytes(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let context = try TLSContext(TestCertificate())
        for _ in 0..<100 {
            let pair = try TLSPair(context)
            var bytes = random.bytes(Int.random(in: 1...600, using: &random))
            // Half of them look like a record.
            if Bool.random(using: &random) {
                bytes = [22, 3, 1, 0, UInt8.random(in: 1...255, using: &random), 1, 0] + bytes
            }
            send(pair.client.socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            pair.cutClient()
            guard case .failed = pair.receive() else { return #expect(Bool(false), "\(bytes) made a connection") }
            #expect(!pair.server.isHandshakeDone)
        }
    }
}

/// A client and a server whose client's bytes pass through the test's hands.
private final class Conversation {
    let server: TLSConnection
    private let client: TLSClient
    private let clientSide: SocketPair
    private let serverSide: SocketPair
    private let harm: Double

    init(_ context: TLSContext, _ output: CipherBuffer, random: inout SplitMix64) throws {
        (clientSide, serverSide) = (try SocketPair(), try SocketPair())
        server = try TLSConnection(context: context, socket: serverSide.server, output: output)
        let version = Bool.random(using: &random) ? TLS1_2_VERSION : TLS1_3_VERSION
        client = try TLSClient(
            socket: clientSide.client,
            .init(versions: version...version, protocols: ["h2", "http/1.1"])
        )
        // Some are harmed at once, some late.
        harm = [0.05, 0.2, 0.5].randomElement(using: &random) ?? 0
    }

    /// Whether the server gave up, as opposed to the client or nobody.
    func run(random: inout SplitMix64) throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 4096)
        for turn in 0..<30 {
            if client.isHandshakeDone {
                client.write(random.bytes(Int.random(in: 1...500, using: &random)))
                _ = client.read()
                if turn == 25 { client.sendCloseNotify() }
            } else {
                client.handshake()
            }
            forward(from: clientSide.server, to: serverSide.client, random: &random)
            var result = TLSResult.wantsRead
            repeat { result = buffer.withUnsafeMutableBytes { server.read(into: $0) } } while result.isBytes
            if server.isHandshakeDone { _ = buffer.withUnsafeBytes { server.write($0) } }
            server.flush()
            forward(from: serverSide.client, to: clientSide.server)
            if case .failed = result { return true }
            if result == .closed { return false }
        }
        return false
    }

    private func forward(from: Int32, to: Int32) {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(from, &bytes, bytes.count, 0)
        if count > 0 { send(to, bytes, count, Int32(MSG_NOSIGNAL)) }
    }

    private func forward(from: Int32, to: Int32, random: inout SplitMix64) {
        var bytes = [UInt8](repeating: 0, count: 64 << 10)
        let count = recv(from, &bytes, bytes.count, 0)
        guard count > 0 else { return }
        bytes.removeLast(bytes.count - count)
        if Double.random(in: 0..<1, using: &random) < harm { damage(&bytes, random: &random) }
        send(to, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    }

    private func damage(_ bytes: inout [UInt8], random: inout SplitMix64) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 1: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 2: bytes.removeSubrange(place...)
        case 3: bytes.insert(contentsOf: random.bytes(Int.random(in: 1...40, using: &random)), at: place)
        case 4: bytes += bytes
        default: bytes.removeFirst(place)
        }
    }
}

extension TLSResult {
    fileprivate var isBytes: Bool { if case .bytes = self { true } else { false } }
}
