// SPDX-License-Identifier: Apache-2.0

import Glibc
import HTTPMessages
import Loops
import Testing

@testable import HTTPServer

@Suite("addresses to listen at", .timeLimit(.minutes(15)))
struct ListenTests {
    @Test("port 0 is any that is free, on IPv4 and IPv6", arguments: ["127.0.0.1", "::1", "localhost"])
    func freePort(host: String) async throws {
        try await withServer(Site(), { $0.addresses = [.tcp(host: host, port: 0)] }) { server in
            guard case .tcp(host, let port) = server.addresses[0] else { return #expect(Bool(false)) }
            #expect(port > 0)
            #expect(server.addresses[0].description == (host == "::1" ? "[::1]:\(port)" : "\(host):\(port)"))
            guard host != "localhost" else { return }
            let client = try server.connect()
            #expect(try client.get("/bytes?5").body == pattern(5))
        }
    }

    @Test("a star is every address of both families, and clients of IPv4 look like it")
    func any() async throws {
        let site = Site { Response(status: .ok, body: .bytes(Array(($0.clientAddress ?? "-").utf8))) }
        try await withServer(site, { $0.addresses = [.tcp(host: "*", port: 0)] }) { server in
            guard case .tcp("*", let port) = server.addresses[0] else { return #expect(Bool(false)) }
            for host in ["127.0.0.1", "::1"] {
                let client = try Client(.tcp(host: host, port: port))
                #expect(try client.get("/").text == host)
            }
        }
    }

    @Test("an address of IPv6 alone leaves IPv4 to others")
    func separateFamilies() async throws {
        try await withServer(Site(), { $0.addresses = [.tcp(host: "::1", port: 0)] }) { server in
            guard case .tcp(_, let port) = server.addresses[0] else { return #expect(Bool(false)) }
            #expect(throws: Client.Failure.self) { try Client(.tcp(host: "127.0.0.1", port: port)) }
        }
    }

    @Test("a server listens at several addresses")
    func several() async throws {
        let folder = try TemporaryFolder()
        let path = folder.file("socket")
        let addresses: [ListenAddress] = [
            .tcp(host: "127.0.0.1", port: 0), .unix(path: path), .tcp(host: "::1", port: 0),
        ]
        try await withServer(Site(), { $0.addresses = addresses }) { server in
            #expect(server.addresses.count == 3)
            for address in server.addresses {
                let client = try Client(address)
                #expect(try client.get("/bytes?5").body == pattern(5))
            }
        }
    }

    @Test("a client of a Unix socket has no address", arguments: ["/bytes?3000000", "/file?3000000"])
    func unixSocket(target: String) async throws {
        let folder = try TemporaryFolder()
        let address = ListenAddress.unix(path: folder.file("socket"))
        let site = Site { request in
            guard request.path == "/who" else { return try await Site.response(request) }
            return Response(status: .ok, body: .bytes(Array((request.clientAddress ?? "-").utf8)))
        }
        try await withServer(site, { $0.addresses = [address] }) { server in
            #expect(server.addresses == [address])
            let client = try Client(address)
            #expect(try client.get("/who").text == "-")
            #expect(try client.get(target).body == pattern(3_000_000))
            try client.send(upload("/count", pattern(3_000_000)))
            #expect(try client.answer().text == "3000000 \(checksum(pattern(3_000_000)))")
        }
    }

    @Test("a socket that was handed over is listened at, and clients are served at once")
    func inherited() async throws {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let isListening = SocketAddress(anyOf: AF_INET, port: 0).withPointer {
            bind(socket, $0, $1) == 0 && listen(socket, 10) == 0
        }
        try #require(isListening)
        try await withServer(Site(), { $0.addresses = [.inherited(descriptor: socket)] }) { server in
            guard case .tcp("0.0.0.0", let port) = server.addresses[0] else { return #expect(Bool(false)) }
            let client = try Client(.tcp(host: "127.0.0.1", port: port))
            #expect(try client.get("/bytes?5").body == pattern(5))
            #expect(try client.get("/file?1000000").body == pattern(1_000_000))
        }
    }

    @Test("what cannot be listened at is an error with its code")
    func errors() async throws {
        let taken = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(taken) }
        _ = SocketAddress(anyOf: AF_INET, port: 0).withPointer { bind(taken, $0, $1) }
        listen(taken, 1)
        let port = SocketAddress(boundTo: taken).port ?? 0
        let notListening = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        let file = try SiteFile([])
        let cases: [(ListenAddress, Int32)] = [
            (.tcp(host: "127.0.0.1", port: port), EADDRINUSE),
            (.tcp(host: "*", port: port), EADDRINUSE),
            (.tcp(host: "192.0.2.1", port: 0), EADDRNOTAVAIL),
            (.tcp(host: "no-such-host.invalid", port: 0), 0),
            (.unix(path: "/no/such/folder/socket"), ENOENT),
            (.unix(path: "/tmp/" + String(repeating: "x", count: 200)), ENAMETOOLONG),
            (.inherited(descriptor: notListening), EINVAL),
            (.inherited(descriptor: dup(file.descriptor)), ENOTSOCK),
            (.inherited(descriptor: 9999), EBADF),
        ]
        for (address, code) in cases {
            // Another address that is fine is let go, too.
            let server = Server(.init(addresses: [.tcp(host: "127.0.0.1", port: 0), address]), handler: Site())
            do {
                _ = try await server.run(until: Shutdown())
                #expect(Bool(false), "\(address) is listened at")
            } catch let error as ListenError {
                #expect(error.address == address)
                #expect(error.code == code, "\(address)")
            }
        }
    }

    @Test("connections are spread over the loops")
    func spread() async throws {
        let site = Site { _ in Response(status: .ok, body: .bytes(Array("\(pthread_self())".utf8))) }
        try await withServer(site, { $0.loops = 4 }) { server in
            let clients = try (0..<16).map { _ in try server.connect() }
            let loops = try clients.map { try $0.get("/").text }
            #expect(Dictionary(grouping: loops, by: \.self).values.map(\.count) == [4, 4, 4, 4])
        }
    }
}
