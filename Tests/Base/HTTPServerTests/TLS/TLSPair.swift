// SPDX-License-Identifier: Apache-2.0

import Glibc

@testable import HTTPServer

/// A server and a client on both ends of a pair of sockets, moved by turns on one thread.
final class TLSPair {
    let server: TLSConnection
    let client: TLSClient
    /// What the server read during the handshake and `receive`.
    private(set) var received: [UInt8] = []
    /// How the server's last read ended.
    private(set) var lastResult = TLSResult.wantsRead
    private let sockets: SocketPair

    init(_ context: TLSContext, _ options: TLSClient.Options = .init(), output: CipherBuffer = CipherBuffer()) throws {
        sockets = try SocketPair()
        server = try TLSConnection(context: context, socket: sockets.server, output: output)
        client = try TLSClient(socket: sockets.client, options)
    }

    /// Moves both sides until the handshake is done, or fails.
    @discardableResult
    func handshake() -> Bool {
        for _ in 0..<20 where client.failure == nil {
            client.handshake()
            receive()
            if server.isHandshakeDone, client.isHandshakeDone { break }
            if case .failed = lastResult {
                client.handshake()
                break
            }
        }
        // Tickets come after the handshake.
        _ = client.read()
        return server.isHandshakeDone && client.isHandshakeDone && client.failure == nil
    }

    /// The server reads all that has arrived, and sends what that brought about.
    @discardableResult
    func receive() -> TLSResult {
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            lastResult = piece.withUnsafeMutableBytes { server.read(into: $0) }
            guard case .bytes(let count) = lastResult else { break }
            received += piece[..<count]
        }
        server.flush()
        return lastResult
    }

    func takeReceived() -> [UInt8] {
        defer { received = [] }
        return received
    }

    func write(_ bytes: [UInt8]) -> TLSResult { bytes.withUnsafeBytes { server.write($0) } }

    /// The client's end of the socket is closed, without a word.
    func cutClient() { sockets.closeClient() }
    /// The server's end.
    func cutServer() { sockets.closeServer() }
}

/// Two connected sockets that do not block.
final class SocketPair {
    private(set) var server: Int32
    private(set) var client: Int32

    init() throws {
        var pair: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &pair) == 0 else { throw SystemError(number: errno) }
        (server, client) = (pair[0], pair[1])
    }

    deinit {
        closeClient()
        closeServer()
    }

    func sendAsClient(_ bytes: [UInt8]) { send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL)) }

    func receiveAsClient() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        return Array(bytes[..<max(0, recv(client, &bytes, bytes.count, 0))])
    }

    func closeClient() {
        if client >= 0 { close(client) }
        client = -1
    }

    func closeServer() {
        if server >= 0 { close(server) }
        server = -1
    }
}

struct SystemError: Error {
    let number: Int32
}

extension TLSContext {
    /// A context of a certificate made for a test.
    convenience init(
        _ certificate: TestCertificate,
        chain: [TestCertificate] = [],
        secret: TicketSecret? = nil,
        now: @escaping @Sendable () -> Int = { time(nil) }
    ) throws {
        try self.init(
            identity: certificate.identity(chain: chain),
            tickets: TicketKeys(secret: secret ?? .random(), now: now)
        )
    }
}
