// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Foundation
import Synchronization

/// A listener on the loopback address or at a path; each connection is handled on a thread of its own.
final class TestServer: Sendable {
    struct CannotListen: Error {}

    let port: UInt16
    private let listener: Int32
    private let accepted = Mutex(0)

    /// How many connections came so far.
    var connections: Int { accepted.withLock { $0 } }
    var authority: String { "127.0.0.1:\(port)" }
    var url: String { "http://\(authority)" }

    private init(path: String?, identity: TestIdentity?, _ handle: @escaping @Sendable (Peer) throws -> Void) throws {
        listener = path == nil ? try Self.listen() : try Self.listen(at: path ?? "")
        port = path == nil ? Self.port(of: listener) : 0
        let context = try identity?.makeContext()
        Foundation.Thread.detachNewThread { [self] in accept(context, handle) }
    }

    /// Runs a test while a server listens.
    static func run<Value>(
        path: String? = nil,
        identity: TestIdentity? = nil,
        _ handle: @escaping @Sendable (Peer) throws -> Void,
        _ body: (TestServer) async throws -> Value
    ) async throws -> Value {
        let server = try TestServer(path: path, identity: identity, handle)
        defer { shutdown(server.listener, Int32(SHUT_RDWR)) }
        return try await body(server)
    }

    private func accept(_ context: TLSContext?, _ handle: @escaping @Sendable (Peer) throws -> Void) {
        while case let descriptor = Glibc.accept(listener, nil, nil), descriptor >= 0 {
            let number = accepted.withLock { count in
                defer { count += 1 }
                return count
            }
            Foundation.Thread.detachNewThread {
                Self.blockBrokenPipes()
                guard let context else {
                    try? handle(Peer(descriptor, number: number))
                    return
                }
                let tls = SSL_new(context.pointer)
                SSL_set_fd(tls, descriptor)
                guard SSL_accept(tls) == 1 else {
                    SSL_free(tls)
                    close(descriptor)
                    return
                }
                try? handle(Peer(descriptor, number: number, tls: tls))
            }
        }
        close(listener)
    }

    /// OpenSSL writes without asking to be spared the signal.
    private static func blockBrokenPipes() {
        var signals = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &signals, nil)
    }

    /// A listener on a free port; what it receives unread is little.
    private static func listen() throws -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var space: Int32 = 64 << 10
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &space, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard code == 0, Glibc.listen(descriptor, 128) == 0 else { throw CannotListen() }
        return descriptor
    }

    private static func listen(at path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0, Glibc.listen(descriptor, 128) == 0 else { throw CannotListen() }
        return descriptor
    }

    private static func port(of descriptor: Int32) -> UInt16 {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) {
            _ = $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        return UInt16(bigEndian: address.sin_port)
    }
}
