// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
package import Logging
import NIOCore
import RegistryStorage
import ServiceLifecycle

/// Takes administrators' commands on a socket in the data directory, for the process that holds the directory's lock.
///
/// Who may open the socket may do everything, so only the owner of the directory may: the process creates it 0600.
package struct AdminSocketServer: Service {
    private static let commandField = HTTPField.Name(AdminRequest.headerName)

    private let directory: DataDirectory
    private let logger: Logger
    private let handle: @Sendable (AdminConversation) async throws -> Void

    /// Serves a directory that this process has locked.
    package init(
        directory: DataDirectory,
        logger: Logger,
        handle: @escaping @Sendable (AdminConversation) async throws -> Void
    ) {
        self.directory = directory
        // The listener's own messages would name a path that means nothing outside this process.
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        self.logger = logger
        self.handle = handle
    }

    /// Serves until a graceful shutdown; a socket that a killed process left behind is replaced.
    package func run() async throws {
        let address = try AdminSocketAddress(in: directory)
        try LocalDirectory.unlink(directory.adminSocket)
        let router = Router()
        router.post("/") { [handle] request, _ in
            guard let command = AdminRequest(header: Self.commandField.flatMap { request.headers[$0] }) else {
                return Response(status: .badRequest)
            }
            let input = AdminInput(request.body)
            return Response(status: .ok, body: ResponseBody { try await Self.answer(command, input, &$0, handle) })
        }
        let application = Application(
            router: router,
            configuration: ApplicationConfiguration(address: .unixDomainSocket(path: address.path)),
            logger: logger
        )
        do {
            try await application.run()
        } catch {
            try? LocalDirectory.unlink(directory.adminSocket)
            throw error
        }
        try LocalDirectory.unlink(directory.adminSocket)
        withExtendedLifetime(address) {}
    }

    /// Runs a command and sends what it says, one event after another.
    @concurrent
    private static func answer(
        _ request: AdminRequest,
        _ input: AdminInput,
        _ writer: inout any ResponseBodyWriter,
        _ handle: @escaping @Sendable (AdminConversation) async throws -> Void
    ) async throws {
        let said = AsyncStream.makeStream(of: ByteBuffer.self)
        let sent = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { said.continuation.finish() }
                let conversation = AdminConversation(request: request, input: input) { event in
                    said.continuation.yield(try JSON.encode(event))
                    // The command waits for its listener, so that nothing piles up between them.
                    for await _ in sent.stream { return }
                    throw ListenerGone()
                }
                try await handle(conversation)
            }
            defer { sent.continuation.finish() }
            for await buffer in said.stream {
                try await writer.write(buffer)
                sent.continuation.yield()
            }
            try await group.waitForAll()
        }
        try await writer.finish(nil)
    }
}

/// Why a command ends early: the process that asked for it is gone.
private struct ListenerGone: Error {}
