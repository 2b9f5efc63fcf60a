// SPDX-License-Identifier: Apache-2.0

import Foundation
import NIOCore
import NIOPosix
import PostgresDriver
import RegistryTestSupport
import Synchronization

/// Stands between a client and a server, and cuts the connection where a test wants it.
final class PostgresProxy: Sendable {
    private enum Plan {
        case passOn
        /// Ends the connection when the client commits.
        case cutCommit(isPassedOn: Bool)
    }

    private let plan = Mutex(Plan.passOn)
    private let text: String
    private let listener = Mutex<(any Channel)?>(nil)

    /// Begins to pass connections on to the server of an address.
    static func start(to database: String) async throws -> PostgresProxy {
        let proxy = PostgresProxy(database)
        guard let port = URLComponents(string: database)?.port else { throw ChannelError.unknownLocalAddress }
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelOption(.allowRemoteHalfClosure, value: false)
            .childChannelInitializer { client in
                ClientBootstrap(group: client.eventLoop).connect(host: "127.0.0.1", port: port).flatMap { server in
                    client.eventLoop.makeCompletedFuture {
                        try client.pipeline.syncOperations.addHandler(Passage(to: server, proxy))
                        try server.pipeline.syncOperations.addHandler(Passage(to: client, nil))
                    }
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        proxy.listener.withLock { $0 = channel }
        return proxy
    }

    private init(_ text: String) {
        self.text = text
    }

    /// The address of the same database through the proxy.
    var address: PostgresAddress {
        get throws {
            var parts = URLComponents(string: text)
            parts?.port = listener.withLock { $0?.localAddress?.port }
            return try TestPostgres.address(parts?.string ?? "")
        }
    }

    /// Cuts the connection of the next client that commits, before it hears of the outcome.
    func cutNextCommit(passingItOn isPassedOn: Bool) {
        plan.withLock { $0 = .cutCommit(isPassedOn: isPassedOn) }
    }

    /// Accepts no more connections.
    func stop() async throws {
        try await listener.withLock { $0 }?.close().get()
    }

    /// What to do with bytes of a client: to pass them on or not, and to cut the connection then or not.
    private func judge(_ bytes: ByteBuffer) -> (passesOn: Bool, cuts: Bool) {
        plan.withLock { plan in
            guard case .cutCommit(let isPassedOn) = plan,
                bytes.readableBytesView.firstRange(of: Array("COMMIT\0".utf8)) != nil
            else { return (true, false) }
            plan = .passOn
            return (isPassedOn, true)
        }
    }

    /// One direction of a connection.
    private final class Passage: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let other: any Channel
        private let proxy: PostgresProxy?

        init(to other: any Channel, _ proxy: PostgresProxy?) {
            self.other = other
            self.proxy = proxy
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            let (passesOn, cuts) = proxy?.judge(bytes) ?? (true, false)
            if passesOn { other.writeAndFlush(bytes, promise: nil) }
            if cuts { context.close(promise: nil) }
        }

        func channelInactive(context: ChannelHandlerContext) {
            other.close(promise: nil)
        }
    }
}
