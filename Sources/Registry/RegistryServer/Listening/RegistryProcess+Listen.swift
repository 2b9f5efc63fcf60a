// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import HTTPServer
import Log
import Loops
import RegistryCore
import RegistryHTTP

extension RegistryProcess {
    /// Serves requests until a shutdown is requested; returns whether all requests were completed.
    func listen(_ registry: Registry, _ tls: TLSIdentityFiles?) async throws -> Bool {
        let responder = RegistryResponder(
            routes: RouteTable(Routes.all),
            services: registry.services,
            hotFiles: registry.hotFiles,
            log: log
        )
        let sockets = try ListenSockets(configuration.listen, environment: ProcessInfo.processInfo.environment)
        defer { sockets.removeFiles() }
        do {
            let server = Server(connections(sockets.addresses, tls), handler: responder)
            let end = try await server.run(until: shutdown) { addresses in
                noteReady(addresses, scheme: tls == nil ? "http" : "https", registry.services.publicURL)
            }
            if case .cut = end { return false }
            return true
        } catch let error as ListenError {
            throw sockets.failure(error)
        }
    }

    /// Sets the base of links, and logs the addresses of the server.
    private func noteReady(_ addresses: [ListenAddress], scheme: String, _ url: PublicURL) {
        let shown = addresses.map { $0.shown(scheme: scheme) }
        if addresses.count == 1, addresses[0].isReachable, configuration.proxies.isEmpty {
            url.listens(at: shown[0])
        } else if configuration.url == nil {
            let sentence =
                "links in responses are paths without a host, because this server does not know its public URL: "
                + "set url, for example to https://packages.example.org"
            log.warning("\(sentence)")
        }
        log.notice("granary is ready", metadata: [LogKey.address: "\(shown.joined(separator: ", "))"])
    }

    private func connections(_ addresses: [ListenAddress], _ tls: TLSIdentityFiles?) -> Server.Configuration {
        var server = Server.Configuration(addresses: addresses)
        let limits = configuration.limits
        server.limits.idle = limits.idleTimeout
        server.limits.stalledReader = limits.stalledReader
        server.limits.uploadRate = limits.uploadRate
        server.limits.uploadWindow = limits.uploadWindow
        let descriptors = DescriptorLimit.raise()
        server.limits.connections = Self.connections(limits.connections, descriptors: descriptors)
        if server.limits.connections < limits.connections {
            log.warning(
                "at most \(server.limits.connections) concurrent connections instead of the \(limits.connections) of "
                    + "limits.connections: the system allows \(descriptors) open files; raise its limit (LimitNOFILE in systemd)"
            )
        }
        server.limits.shutdown = limits.shutdownTimeout
        server.loops = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        server.tls = tls
        server.proxies = configuration.proxies
        server.onPressure = PressureLog(log: log).note
        if log.writes(.debug) {
            server.onClose = { [log] _, reason in
                log.debug("connection ended", metadata: [LogKey.cause: reason.rawValue])
            }
        }
        return server
    }

    /// Returns the number of allowed connections, which leaves descriptors for content, databases and stores.
    static func connections(_ wanted: Int, descriptors: Int) -> Int {
        min(wanted, max(descriptors - 512, descriptors / 2))
    }
}
