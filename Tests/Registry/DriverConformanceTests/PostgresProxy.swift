// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Loops
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
    private let server: UInt16
    private let listener: Int32
    private let port: UInt16
    private let thread = BlockingPool(name: "postgres-proxy", threads: 1)

    /// Begins to pass connections on to the server of an address.
    static func start(to database: String) async throws -> PostgresProxy {
        let proxy = try PostgresProxy(database)
        proxy.thread.submit { proxy.serve() }
        return proxy
    }

    private init(_ text: String) throws {
        guard let server = URLComponents(string: text)?.port else {
            throw Failure(what: "there is no port in the address")
        }
        self.text = text
        self.server = UInt16(server)
        (listener, port) = try Self.listen()
    }

    private static func listen() throws -> (socket: Int32, port: UInt16) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let isBound = unsafe loopback(port: 0) { address, size in unsafe bind(listener, address, size) == 0 }
        guard isBound, Glibc.listen(listener, 64) == 0 else { throw Failure(what: "could not listen") }
        var own = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &own) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(listener, $0, &size) }
        }
        guard code == 0 else { throw Failure(what: "could not find the own port") }
        return (listener, UInt16(bigEndian: own.sin_port))
    }

    /// The address of the same database through the proxy.
    var address: PostgresAddress {
        get throws {
            var parts = URLComponents(string: text)
            parts?.port = Int(port)
            return try TestPostgres.address(parts?.string ?? "")
        }
    }

    /// Cuts the connection of the next client that commits, before it hears of the outcome.
    func cutNextCommit(passingItOn isPassedOn: Bool) {
        plan.withLock { $0 = .cutCommit(isPassedOn: isPassedOn) }
    }

    /// Accepts no more connections.
    func stop() async throws {
        shutdown(listener, Int32(SHUT_RDWR))
    }

    /// What to do with bytes of a client: to pass them on or not, and to cut the connection then or not.
    private func judge(_ bytes: [UInt8]) -> (passesOn: Bool, cuts: Bool) {
        plan.withLock { plan in
            guard case .cutCommit(let isPassedOn) = plan, bytes.firstRange(of: Array("COMMIT\0".utf8)) != nil else {
                return (true, false)
            }
            plan = .passOn
            return (isPassedOn, true)
        }
    }

    /// Passes bytes on until nobody can connect any more and every connection has ended.
    private func serve() {
        var isOpen = true
        var pairs: [Pair] = []
        while isOpen || !pairs.isEmpty {
            let ends = (isOpen ? [listener] : []) + pairs.flatMap { [$0.client, $0.server] }
            var watched = ends.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            guard unsafe poll(&watched, nfds_t(watched.count), -1) > 0 else { continue }
            let ready = Set(watched.filter { $0.revents != 0 }.map(\.fd))
            pairs.removeAll { pair in
                guard !pair.passOn(ready, judge) else { return false }
                pair.close()
                return true
            }
            guard isOpen, ready.contains(listener) else { continue }
            if let pair = accept(to: server) {
                pairs.append(pair)
            } else {
                close(listener)
                isOpen = false
            }
        }
    }

    private func accept(to port: UInt16) -> Pair? {
        let client = Glibc.accept(listener, nil, nil)
        guard client >= 0 else { return nil }
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        // A server that is away shows as a connection that ends at once.
        _ = unsafe Self.loopback(port: port) { address, size in unsafe connect(server, address, size) == 0 }
        return Pair(client: client, server: server)
    }

    private static func loopback(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Bool) -> Bool {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private struct Failure: Error {
        let what: String
    }

    /// A connection from a client and the one to the server that belongs to it.
    private struct Pair {
        let client: Int32
        let server: Int32

        /// Passes on what has come; false when the connection is to end.
        func passOn(_ ready: Set<Int32>, _ judge: ([UInt8]) -> (passesOn: Bool, cuts: Bool)) -> Bool {
            if ready.contains(client) {
                guard let bytes = read(client) else { return false }
                let (passesOn, cuts) = judge(bytes)
                if passesOn, !write(bytes, server) { return false }
                if cuts { return false }
            }
            if ready.contains(server) {
                guard let bytes = read(server) else { return false }
                return write(bytes, client)
            }
            return true
        }

        func close() {
            Glibc.close(client)
            Glibc.close(server)
        }

        private func read(_ end: Int32) -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: 64 * 1024)
            let count = unsafe recv(end, &bytes, bytes.count, 0)
            return count > 0 ? Array(bytes.prefix(count)) : nil
        }

        private func write(_ bytes: [UInt8], _ end: Int32) -> Bool {
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes {
                    unsafe send(end, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }
}
