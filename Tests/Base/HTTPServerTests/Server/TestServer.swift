// SPDX-License-Identifier: Apache-2.0

import Glibc
import Loops
import Synchronization
import Testing

@testable import HTTPServer

/// A server of a test, on a free port of this machine.
final class TestServer: Sendable {
    let shutdown = Shutdown()
    /// Why connections ended, in order.
    let ends = Record<CloseReason>()
    let pressure = Record<ServerPressure>()
    private let listening = Record<[ListenAddress]>()
    private let ended = Record<Result<Server.End, any Error>>()
    private let isSecure: Bool
    private let isStopped = Atomic(false)

    init(_ handler: any RequestHandler, _ configuration: Server.Configuration) throws {
        var configuration = configuration
        isSecure = configuration.tls != nil
        configuration.onClose = { [ends] in ends.append($1) }
        configuration.onPressure = { [pressure] in pressure.append($0) }
        let server = Server(configuration, handler: handler)
        // On no thread of a test: those may all be waiting for this one.
        Task.detached { [shutdown, listening, ended] in
            do {
                ended.append(.success(try await server.run(until: shutdown) { listening.append($0) }))
            } catch {
                ended.append(.failure(error))
                listening.append([])
            }
        }
        if try listening.wait(count: 1)[0].isEmpty { _ = try ended.wait(count: 1)[0].get() }
    }

    /// Where it listens.
    var addresses: [ListenAddress] { listening.all.first ?? [] }

    /// Opens a connection, with the handshake where the server wants one.
    func connect(receiveBuffer: Int32? = nil) throws -> Client {
        let client = try Client(addresses[0], receiveBuffer: receiveBuffer)
        if isSecure { try client.handshake() }
        return client
    }

    /// Opens a connection and says nothing on it.
    func connectPlainly(receiveBuffer: Int32? = nil) throws -> Client {
        try Client(addresses[0], receiveBuffer: receiveBuffer)
    }

    /// Asks the server to stop and blocks until it has.
    func stop() throws -> Server.End {
        isStopped.store(true, ordering: .relaxed)
        shutdown.request()
        return try ended.wait(count: 1)[0].get()
    }

    /// Stops a server whose test did not; every request must have been answered.
    fileprivate func stopOrderly() throws {
        guard !isStopped.load(ordering: .relaxed) else { return }
        let end = try stop()
        guard case .orderly = end else { throw TookTooLong(what: "the server ended with \(end)") }
    }

    /// Blocks until a connection has ended for a reason.
    func wait(forEnd reason: CloseReason, count: Int = 1) throws {
        try ends.wait("an end that is \(reason)") { $0.count(where: { $0 == reason }) >= count }
    }
}

/// How a client reaches a server.
enum Way: CaseIterable, Sendable {
    case plain
    case tls
}

/// Runs a server as long as `body` does, which may block, and sees to its orderly end.
func withServer(
    _ handler: any RequestHandler = Site(),
    over way: Way = .plain,
    _ configure: @Sendable (inout Server.Configuration) -> Void = { _ in },
    _ body: (TestServer) async throws -> Void
) async throws {
    try await withTaskExecutorPreference(BlockingExecutor.shared) {
        var configuration = Server.Configuration(addresses: [.tcp(host: "127.0.0.1", port: 0)])
        if way == .tls { configuration.tls = try .forTests() }
        configure(&configuration)
        let server = try TestServer(handler, configuration)
        do {
            try await body(server)
        } catch {
            _ = try? server.stop()
            throw error
        }
        try server.stopOrderly()
    }
}

extension TLSIdentityFiles {
    /// A certificate that was made for a test.
    static func forTests() throws -> TLSIdentityFiles {
        let folder = try TemporaryFolder()
        let certificate = try TestCertificate()
        return try TLSIdentityFiles(
            certificate: folder.write(certificate.pem, to: "server.crt"),
            key: folder.write(certificate.keyPEM, to: "server.key")
        )
    }
}
