// SPDX-License-Identifier: Apache-2.0

import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import RegistryCore
import RegistryHTTP
package import RegistryService
import ServiceLifecycle
import UnixSignals

/// The running server: first start, routes, housekeeping, the administrators' socket, and an orderly end.
package struct RegistryServer: Sendable {
    private let configuration: ServerConfiguration
    private let log: Logger

    package init(configuration: ServerConfiguration, log: Logger) {
        self.configuration = configuration
        self.log = log
    }

    /// Serves until the process is told to stop.
    ///
    /// Without a password for the first administrator it makes up one, and `announce` shows it, the only time it can be
    /// seen. `handleAdminRequest` runs administrators' commands that come through the socket.
    package func run(
        administratorPassword: String?,
        announce: (_ name: String, _ password: String) -> Void,
        handleAdminRequest: @escaping @Sendable (AdminRequest, Accounts) async -> AdminReply
    ) async throws {
        let directory = try DataDirectory.prepare(configuration.data)
        guard let lock = try directory.lock() else {
            throw DataDirectoryError(
                description: "the data directory \(directory.path) is in use by another granary server: "
                    + "stop that one, or choose another directory with --data"
            )
        }
        let registry = try await Registry.open(
            in: directory,
            contract: configuration.contract,
            limits: configuration.limits
        )
        let stale = try await registry.removeStaleUploads.run()
        if stale > 0 { log.notice("removed uploads that were cut off", metadata: [LogKey.count: "\(stale)"]) }
        let password = administratorPassword ?? Password.random()
        let isFirstStart = try await registry.accounts.ensureAdministrator(name: "admin", password: password)
        if isFirstStart, administratorPassword == nil { announce("admin", password) }
        let accounts = registry.accounts
        let socket = AdminSocketServer(directory: directory, logger: log) { await handleAdminRequest($0, accounts) }
        try await serve([application(registry), socket, jobs(registry)])
        try await registry.close()
        log.notice("stopped")
        withExtendedLifetime(lock) {}
    }

    private func serve(_ services: [any Service]) async throws {
        var group = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: log
        )
        group.maximumGracefulShutdownDuration = configuration.limits.shutdownTimeout
        do {
            try await ServiceGroup(configuration: group).run()
        } catch is CancellationError {
            log.warning("stopped before all requests were done: they took longer than timeouts.shutdown")
        }
    }

    private func application(_ registry: Registry) -> some Service {
        let responder = RegistryResponder(
            routes: RouteTable(GenericPackageRoutes.routes + BrowseRoutes.routes + HealthRoutes.routes),
            services: registry.services,
            log: log
        )
        let address = configuration.host
        return Application(
            responder: responder,
            server: .registry(limits: configuration.limits),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                serverName: "Granary",
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.limits.connections)
            ),
            onServerRunning: { [log] channel in
                let host = address.contains(":") ? "[\(address)]" : address
                let port = channel.localAddress?.port.map { ":\($0)" } ?? ""
                log.notice("granary is ready", metadata: [LogKey.address: "http://\(host)\(port)"])
            },
            logger: quietLog
        )
    }

    private func jobs(_ registry: Registry) -> BackgroundJobs {
        BackgroundJobs(
            jobs: [
                .init(name: "garbage-collection", run: registry.collectGarbage.run),
                .init(name: "digests", run: registry.completeDigests.run),
            ],
            metadata: registry.metadata,
            holder: registry.instance,
            pause: .seconds(30),
            log: log
        )
    }

    /// The library's own lines are of interest only when something is wrong.
    private var quietLog: Logger {
        var log = log
        log.logLevel = max(log.logLevel, .warning)
        return log
    }
}
