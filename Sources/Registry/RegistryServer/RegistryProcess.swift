// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPServer
package import Log
import Loops
import RegistryCore
import RegistryHTTP
import RegistryMetadata
import RegistryService
import RegistryStorage

/// The running server: first start, routes, background jobs, administrators' socket and graceful shutdown.
package struct RegistryProcess: Sendable {
    let configuration: ServerConfiguration
    let log: Logger
    let shutdown = Shutdown()

    package init(configuration: ServerConfiguration, log: Logger) {
        self.configuration = configuration
        self.log = log
    }

    /// The description of the HTTP interface as OpenAPI 3.1.
    package static func interfaceDescription(_ configuration: ServerConfiguration) -> String {
        String(decoding: OpenAPIDocument.text(below: PublicURL(configuration.url).path), as: UTF8.self)
    }

    /// Serves until the process receives a signal to stop.
    ///
    /// Without a password for the first administrator, this generates one and passes it to `announce`; it cannot be
    /// retrieved later. `handleAdminRequest` runs the administrators' commands that arrive on the socket.
    package func run(
        administratorPassword: String?,
        announce: (_ name: String, _ password: String) -> Void,
        handleAdminRequest: @escaping @Sendable (AdminConversation, Registry) async throws -> Void
    ) async throws {
        try Libraries.check()
        let directory = try DataDirectory.prepare(configuration.data)
        guard let lock = try directory.lock() else {
            throw DataDirectoryError(
                description: "the data directory \(directory.path) is in use by another granary server: "
                    + "stop that one, or choose another directory with --data"
            )
        }
        try DirectoryTrial(directory).run(linksContent: configuration.blobs.place.name == "local")
        let registry = try await Registry.open(
            in: directory,
            engines: configuration.engines,
            contract: configuration.contract,
            limits: configuration.limits,
            hotTable: configuration.keepsHotFiles,
            requiresSignIn: configuration.requiresSignIn,
            publicURL: PublicURL(configuration.url),
            shutdown: shutdown
        )
        try await registry.refuseContentWithoutDatabase()
        for sentence in registry.lacks { log.warning("\(sentence)") }
        let stale = try await registry.removeStaleUploads.run()
        if stale > 0 { log.notice("removed incomplete uploads", metadata: [LogKey.count: "\(stale)"]) }
        let password = administratorPassword ?? Password.random()
        let isFirstStart = try await registry.accounts.ensureAdministrator(name: "admin", password: password)
        if isFirstStart, administratorPassword == nil { announce("admin", password) }
        try await serve(registry, directory, handleAdminRequest)
        _ = try await registry.downloads.flush()
        try await registry.close()
        log.notice("stopped")
        withExtendedLifetime(lock) {}
    }

    private func serve(
        _ registry: Registry,
        _ directory: DataDirectory,
        _ handleAdminRequest: @escaping @Sendable (AdminConversation, Registry) async throws -> Void
    ) async throws {
        let tls = try identityFiles()
        warn(of: tls)
        let socket = AdminSocketServer(directory: directory) { try await handleAdminRequest($0, registry) }
        let certificates = certificateJob(registry, tls)
        let jobs = [housekeeping(registry), dailyJobs(registry), frequentJobs(registry), certificates]
        let hearing = registry.hearing()
        let supervisor = Supervisor(
            shutdown: shutdown,
            signals: try Signals.stream([SIGTERM, SIGINT, SIGHUP]),
            onHangup: certificateJob(registry, tls, reportsAgain: true).runOnce
        )
        let end = try await supervisor.run(
            [
                { try await listen(registry, tls) },
                { try await socket.run(until: shutdown, endingWithin: configuration.limits.shutdownTimeout) },
            ],
            besides: jobs.map { $0.run } + [hearing].compactMap { $0 }
        )
        switch end {
        case .orderly: break
        case .late: log.warning("stopped before all requests were complete: they took longer than timeouts.shutdown")
        case .forced: log.warning("stopped before all requests were complete: received a second SIGINT")
        }
    }

    private func housekeeping(_ registry: Registry) -> BackgroundJobs {
        jobs(
            registry,
            every: .seconds(30),
            [
                .init(name: "clock", isShared: false) {
                    try await registry.metadata.database.watchClock()
                    guard let jump = registry.clockWatch.takeJump() else { return 0 }
                    let sentence =
                        "the database's clock jumped by \(jump.components.seconds) s: uploads and drafts do not expire for an hour; "
                        + "check the clock"
                    log.warning("\(sentence)")
                    return 1
                },
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

    private func frequentJobs(_ registry: Registry) -> BackgroundJobs {
        jobs(registry, every: .seconds(1), [.init(name: "downloads", isShared: false, run: registry.downloads.flush)])
    }

    private func certificateJob(
        _ registry: Registry,
        _ tls: TLSIdentityFiles?,
        reportsAgain: Bool = false
    ) -> BackgroundJobs {
        guard let tls else { return jobs(registry, every: .seconds(3600), []) }
        return jobs(
            registry,
            every: .seconds(1),
            [
                .init(name: "certificates", isShared: false) {
                    guard try await registry.files.complete({ try tls.reloadIfChanged(reportsAgain: reportsAgain) })
                    else { return 0 }
                    warn(of: tls)
                    return 1
                }
            ]
        )
    }

    private func identityFiles() throws -> TLSIdentityFiles? {
        guard let files = configuration.tls else { return nil }
        let secret = try configuration.ticketSecret?.read()
        return try TLSIdentityFiles(certificate: files.certificate, key: files.key, ticketSecret: secret)
    }

    /// Logs why clients may not trust the certificate in use.
    private func warn(of tls: TLSIdentityFiles?) {
        for sentence in tls?.warnings ?? [] { log.warning("\(sentence)") }
    }

    private func jobs(_ registry: Registry, every pause: Duration, _ jobs: [BackgroundJobs.Job]) -> BackgroundJobs {
        BackgroundJobs(jobs: jobs, metadata: registry.metadata, holder: registry.instance, pause: pause, log: log)
    }
}
