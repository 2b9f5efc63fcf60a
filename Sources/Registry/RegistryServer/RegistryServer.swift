// SPDX-License-Identifier: Apache-2.0

import Glibc
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import RegistryCore
import RegistryHTTP
import RegistryService
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

    /// The description of the HTTP interface as OpenAPI 3.1.
    package static var interfaceDescription: String { String(decoding: OpenAPIDocument.text, as: UTF8.self) }

    /// Serves until the process is told to stop.
    ///
    /// Without a password for the first administrator it makes up one, and `announce` shows it, the only time it can be
    /// seen. `handleAdminRequest` runs administrators' commands that come through the socket.
    package func run(
        administratorPassword: String?,
        announce: (_ name: String, _ password: String) -> Void,
        handleAdminRequest: @escaping @Sendable (AdminConversation, Registry) async throws -> Void
    ) async throws {
        let directory = try DataDirectory.prepare(configuration.data)
        guard let lock = try directory.lock() else {
            throw DataDirectoryError(
                description: "the data directory \(directory.path) is in use by another granary server: "
                    + "stop that one, or choose another directory with --data"
            )
        }
        let publicURL = PublicURL(configuration.url)
        let registry = try await Registry.open(
            in: directory,
            engines: configuration.engines,
            contract: configuration.contract,
            limits: configuration.limits,
            hotTable: configuration.keepsHotFiles,
            requiresSignIn: configuration.requiresSignIn,
            publicURL: publicURL
        )
        for sentence in registry.lacks { log.warning("\(sentence)") }
        let stale = try await registry.removeStaleUploads.run()
        if stale > 0 { log.notice("removed uploads that were cut off", metadata: [LogKey.count: "\(stale)"]) }
        let password = administratorPassword ?? Password.random()
        let isFirstStart = try await registry.accounts.ensureAdministrator(name: "admin", password: password)
        if isFirstStart, administratorPassword == nil { announce("admin", password) }
        let socket = AdminSocketServer(directory: directory, logger: log) { try await handleAdminRequest($0, registry) }
        let certificates = try configuration.tls.map { try CertificateFiles(certificate: $0.certificate, key: $0.key) }
        let services: [any Service] = [
            application(registry, certificates), socket, housekeeping(registry), dailyJobs(registry),
            frequentJobs(registry, certificates),
        ]
        try await serve(services + [registry.invalidation()].compactMap { $0 })
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
            routes: RouteTable(Routes.all),
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
            onServerRunning: { [log, url = registry.services.publicURL] channel in
                let port = channel.localAddress?.port.map { ":\($0)" } ?? ""
                url.listens(at: "\(scheme)://\(host)\(port)")
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

    private func dailyJobs(_ registry: Registry) -> BackgroundJobs {
        jobs(
            registry,
            every: .seconds(3600),
            [.init(name: "orphans", interval: .seconds(24 * 3600)) { try await registry.removeOrphans.run().orphans }]
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
