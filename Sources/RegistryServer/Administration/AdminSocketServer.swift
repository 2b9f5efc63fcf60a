// SPDX-License-Identifier: Apache-2.0

import Hummingbird
package import Logging
import NIOCore
import RegistryStorage
import ServiceLifecycle

/// Takes administrators' commands on a socket in the data directory, for the process that holds the directory's lock.
///
/// Who may open the socket may do everything, so only the owner of the directory may: the process creates it 0600.
package struct AdminSocketServer: Service {
    private static let maximumByteCount = 1 << 20

    private let directory: DataDirectory
    private let logger: Logger
    private let handle: @Sendable (AdminRequest) async -> AdminReply

    /// Serves a directory that this process has locked.
    package init(
        directory: DataDirectory,
        logger: Logger,
        handle: @escaping @Sendable (AdminRequest) async -> AdminReply
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
            let body = try await request.body.collect(upTo: Self.maximumByteCount)
            let request = try JSON.decode(AdminRequest.self, from: body)
            let reply = try JSON.encode(await handle(request))
            return Response(status: .ok, body: ResponseBody(byteBuffer: reply))
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
}
