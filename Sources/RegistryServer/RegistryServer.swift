// SPDX-License-Identifier: Apache-2.0

import Glibc
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
            limits: configuration.limits,
            hotTable: configuration.keepsHotFiles
        )
        let stale = try await registry.removeStaleUploads.run()
        if stale > 0 { log.notice("removed uploads that were cut off", metadata: [LogKey.count: "\(stale)"]) }
        let password = administratorPassword ?? Password.random()
        let isFirstStart = try await registry.accounts.ensureAdministrator(name: "admin", password: password)
        if isFirstStart, administratorPassword == nil { announce("admin", password) }
        let accounts = registry.accounts
        let socket = AdminSocketServer(directory: directory, logger: log) { await handleAdminRequest($0, accounts) }
        let certificates = try configuration.tls.map { try CertificateFiles(certificate: $0.certificate, key: $0.key) }
        try await serve([
            application(registry, certificates), socket, housekeeping(registry), frequentJobs(registry, certificates),
        ])
        _ = try await registry.downloads.flush()
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
        } catch let error as IOError where [EADDRINUSE, EADDRNOTAVAIL, EACCES].contains(error.errnoCode) {
            throw ListenError(configuration: configuration, code: error.errnoCode)
        } catch is CancellationError {
            log.warning("stopped before all requests were done: they took longer than timeouts.shutdown")
        }
    }

    private func application(_ registry: Registry, _ certificates: CertificateFiles?) -> some Service {
        let responder = RegistryResponder(
            routes: RouteTable(GenericPackageRoutes.routes + BrowseRoutes.routes + HealthRoutes.routes),
            services: registry.services,
            hotFiles: registry.hotFiles,
            log: log
        )
        let scheme = certificates == nil ? "http" : "https"
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        return Application(
            responder: responder,
            server: connections(registry, certificates),
            configuration: ApplicationConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.limits.connections)
            ),
            onServerRunning: { [log] channel in
                let port = channel.localAddress?.port.map { ":\($0)" } ?? ""
                log.notice("granary is ready", metadata: [LogKey.address: "\(scheme)://\(host)\(port)"])
            },
            logger: quietLog
        )
    }

    private func connections(_ registry: Registry, _ certificates: CertificateFiles?) -> HTTPServerBuilder {
        if let certificates { return .tls(limits: configuration.limits, configuration: certificates.configuration) }
        let hot = HotAnswers(
            files: registry.hotFiles,
            authenticate: registry.authenticate,
            downloads: registry.downloads,
            log: log
        )
        return .plain(limits: configuration.limits, hot: hot)
    }

    private func housekeeping(_ registry: Registry) -> BackgroundJobs {
        jobs(
            registry,
            every: .seconds(30),
            [
                .init(name: "garbage-collection", run: registry.collectGarbage.run),
                .init(name: "digests", run: registry.completeDigests.run),
            ]
        )
    }

    private func frequentJobs(_ registry: Registry, _ certificates: CertificateFiles?) -> BackgroundJobs {
        jobs(
            registry,
            every: .seconds(1),
            [
                .init(name: "downloads", isShared: false, run: registry.downloads.flush),
                .init(name: "certificates", isShared: false) { try certificates?.reloadIfChanged() == true ? 1 : 0 },
            ]
        )
    }

    private func jobs(_ registry: Registry, every pause: Duration, _ jobs: [BackgroundJobs.Job]) -> BackgroundJobs {
        BackgroundJobs(jobs: jobs, metadata: registry.metadata, holder: registry.instance, pause: pause, log: log)
    }

    /// What goes wrong is told by the lines of this project.
    private var quietLog: Logger {
        var log = log
        log.logLevel = .critical
        return log
    }
}

/// Why the server can not listen.
struct ListenError: Error, CustomStringConvertible {
    let configuration: ServerConfiguration
    let code: Int32

    var description: String {
        let reason =
            switch code {
            case EADDRINUSE: "another program listens there"
            case EADDRNOTAVAIL: "this machine does not have that address"
            default: "this user may not"
            }
        return "could not listen on \(configuration.host):\(configuration.port): \(reason); "
            + "choose another address with --listen"
    }
}
