// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPServer
import Log
import Loops
import RegistryCore
import RegistryHTTP

extension RegistryServer {
    /// Takes requests until a stop is requested; returns whether all of them came to their end.
    func listen(_ registry: Registry, _ tls: TLSIdentityFiles?) async throws -> Bool {
        let responder = RegistryResponder(
            routes: RouteTable(Routes.all),
            services: registry.services,
            hotFiles: registry.hotFiles,
            log: log
        )
        let scheme = tls == nil ? "http" : "https"
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        let url = registry.services.publicURL
        do {
            let end = try await HTTPServer(connections(tls), handler: responder).run(until: shutdown) { addresses in
                let port = addresses.first?.port.map { ":\($0)" } ?? ""
                url.listens(at: "\(scheme)://\(host)\(port)")
                log.notice("granary is ready", metadata: [LogKey.address: "\(scheme)://\(host)\(port)"])
            }
            if case .cut = end { return false }
            return true
        } catch let error as ListenError {
            throw ListenFailure(host: configuration.host, port: configuration.port, code: error.code)
        }
    }

    private func connections(_ tls: TLSIdentityFiles?) -> HTTPServer.Configuration {
        var server = HTTPServer.Configuration(addresses: [.tcp(host: configuration.host, port: configuration.port)])
        let limits = configuration.limits
        server.limits.idle = limits.idleTimeout
        server.limits.stalledReader = limits.stalledReader
        server.limits.uploadRate = limits.uploadRate
        server.limits.uploadWindow = limits.uploadWindow
        server.limits.connections = Self.connections(limits.connections, descriptors: DescriptorLimit.raise())
        server.limits.shutdown = limits.shutdownTimeout
        server.loops = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        server.tls = tls
        server.onPressure = PressureLog(log: log).note
        if log.writes(.debug) {
            server.onClose = { [log] _, reason in
                log.debug("connection ended", metadata: [LogKey.cause: reason.rawValue])
            }
        }
        return server
    }

    /// How many connections there may be, so that content, databases and stores have descriptors, too.
    static func connections(_ wanted: Int, descriptors: Int) -> Int {
        min(wanted, max(descriptors - 512, descriptors / 2))
    }
}

extension ListenAddress {
    fileprivate var port: Int? {
        if case .tcp(_, let port) = self { port } else { nil }
    }
}

/// Why the server can not listen.
struct ListenFailure: Error, CustomStringConvertible {
    let host: String
    let port: Int
    let code: Int32

    var description: String {
        let reason =
            switch code {
            case EADDRINUSE: "another program listens there"
            case EADDRNOTAVAIL, EAFNOSUPPORT: "this machine does not have that address"
            case EACCES, EPERM: "this user may not"
            case 0: "the name has no address"
            default: "the system refuses it (error \(code))"
            }
        return "could not listen on \(host):\(port): \(reason); choose another address with --listen"
    }
}
