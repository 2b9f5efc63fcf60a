// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPServer
import RegistryTestSupport
import Testing

@testable import RegistryServer

@Suite("Settings that are lists, secrets, and variables of the environment", .timeLimit(.minutes(15)))
struct ListSettingTests {
    private func configuration(
        flags: [Setting: String] = [:],
        environment: [String: String] = [:],
        file: String = ""
    ) async throws -> ServerConfiguration {
        try await withTemporaryDirectory { directory in
            try Data(file.utf8).write(to: URL(filePath: directory + "/granary.yaml"))
            return try ServerConfiguration(
                SettingValues(flags: flags, environment: environment, file: directory + "/granary.yaml")
            )
        }
    }

    private func problems(
        flags: [Setting: String] = [:],
        environment: [String: String] = [:],
        file: String = ""
    ) async throws -> [String] {
        do {
            _ = try await configuration(flags: flags, environment: environment, file: file)
            return []
        } catch let error as ConfigurationError {
            return error.problems
        }
    }

    @Test(
        "places to listen at",
        arguments: [
            ("127.0.0.1:+3", nil), ("127.0.0.1:-0", nil), ("127.0.0.1:0", .tcp(host: "127.0.0.1", port: 0)),
            ("[::1]:3", .tcp(host: "::1", port: 3)),
            ("*:3000", .tcp(host: "*", port: 3000)), ("localhost:65535", .tcp(host: "localhost", port: 65535)),
            ("unix:/run/a b.sock", .unix(path: "/run/a b.sock")), ("systemd", .systemd),
            ("", nil), ("3000", nil), (":3000", nil), ("*", nil), ("host:", nil), ("host:65536", nil),
            ("unix:", nil), ("unix:a", nil), ("unix:3000", nil), ("unix:/a/", nil), ("[::1]", nil), ("[:1", nil),
        ] as [(String, ListenPlace?)]
    )
    func places(text: String, place: ListenPlace?) {
        #expect(ListenPlace(text) == place)
        if let place { #expect(place.description == text) }
    }

    @Test(
        "a list is the same from every source",
        arguments: ["*:3000, unix:/s", "*:3000,unix:/s", " *:3000 ,\tunix:/s "]
    )
    func sources(text: String) async throws {
        let expected: [ListenPlace] = [.tcp(host: "*", port: 3000), .unix(path: "/s")]
        for given in [
            try await configuration(flags: ["listen": text]),
            try await configuration(environment: ["GRANARY_LISTEN": text]),
            try await configuration(file: "listen: '\(text)'\n"),
            try await configuration(file: "listen: ['*:3000', unix:/s]\n"),
        ] {
            #expect(given.listen == expected)
            #expect(try await configuration(file: given.yaml).listen == expected)
        }
    }

    @Test(
        "what is no list of addresses is a problem",
        arguments: ["", ",", "a:1,", "a:1,a:1", "unix:/s,unix:/s", "systemd,systemd", "a:1;b:2"]
    )
    func badAddresses(text: String) async throws {
        let problems = try await problems(flags: ["listen": text])
        #expect(problems.count == 1 && problems[0].hasPrefix("--listen is"), "\(problems)")
    }

    @Test(
        "a list in the file has texts alone, and one of addresses has one",
        arguments: ["[]", "[a: 1]", "[[x]]", "[~]"]
    )
    func badLists(text: String) async throws {
        #expect(try await problems(file: "listen: \(text)\n").count == 1)
        #expect(try await problems(file: "proxies: \(text)\n").count == (text == "[]" ? 0 : 1))
    }

    @Test("free ports may be wanted more than once")
    func freePorts() async throws {
        #expect(try await configuration(flags: ["listen": "127.0.0.1:0,127.0.0.1:0"]).listen.count == 2)
    }

    @Test("proxies are networks, addresses and Unix sockets, and a stronger source can empty the list")
    func proxies() async throws {
        let file = "proxies: [10.0.0.0/8, 'fd00::/8', 192.0.2.1, unix]\n"
        let given = try await configuration(file: file)
        #expect(!given.proxies.isEmpty)
        let again = try await configuration(file: given.yaml)
        #expect(again.proxies == given.proxies)
        #expect(try await configuration(flags: ["proxies": ""], file: file).proxies.isEmpty)
        #expect(try await configuration(environment: ["GRANARY_PROXIES": ""], file: file).proxies == given.proxies)
        for text in ["10.0.0.0/33", "host", "10.0.0.0/8,,::1"] {
            let problems = try await problems(flags: ["proxies": text])
            #expect(problems.count == 1 && problems[0].contains("it must be networks"), "\(problems)")
        }
    }

    private static let secret = "unmistakable-0123456789-0123456789"
    private static let certificate = "tls:\n  certificate: /c\n  key: /k\n"

    @Test("the secret of tickets comes from the environment or the file, or from a file of its own")
    func ticketSecrets() async throws {
        let fromEnvironment = try await configuration(
            environment: ["GRANARY_TLS_TICKET_SECRET": Self.secret],
            file: Self.certificate
        )
        let fromFile = try await configuration(file: Self.certificate + "  ticket-secret: \(Self.secret)\n")
        for given in [fromEnvironment, fromFile] {
            guard case .value? = given.ticketSecret else { return #expect(Bool(false)) }
            #expect(!"\(given)".contains("unmistakable") && !given.yaml.contains("unmistakable"))
            var dumped = ""
            dump(given, to: &dumped)
            #expect(!dumped.contains("unmistakable"))
        }
        let named = try await configuration(flags: ["tls.ticket-secret-file": "/f"], file: Self.certificate)
        guard case .file("/f")? = named.ticketSecret else { return #expect(Bool(false)) }
        // What is shown in a secret's place is none.
        #expect(try await problems(file: fromFile.yaml).count == 1)
    }

    @Test("a short secret, two of them, and one without a certificate are problems that quote nothing")
    func badSecrets() async throws {
        let short = try await problems(file: Self.certificate + "  ticket-secret: unmistakable\n")
        let two = try await problems(
            flags: ["tls.ticket-secret-file": "/f"],
            file: Self.certificate + "  ticket-secret: \(Self.secret)\n"
        )
        let alone = try await problems(environment: ["GRANARY_TLS_TICKET_SECRET": Self.secret])
        for problems in [short, two, alone] {
            #expect(problems.count == 1 && !problems[0].contains("unmistakable"), "\(problems)")
        }
    }

    @Test("line ends behind the secret in a file do not belong to it", arguments: ["", "\n", "\r\n", "\n\n"])
    func secretFiles(end: String) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/secret"
            let long = String(repeating: "s", count: 32)
            try Data((long + end).utf8).write(to: URL(filePath: path))
            _ = try TicketSecretSource.file(path).read()
            try Data((long.dropLast() + end).utf8).write(to: URL(filePath: path))
            #expect(throws: TicketSecretSource.Unusable.self) { try TicketSecretSource.file(path).read() }
            #expect(throws: TicketSecretSource.Unusable.self) { try TicketSecretSource.file(directory).read() }
        }
    }

    @Test("unknown variables are problems, all of them, by name alone")
    func unknownVariables() async throws {
        let problems = try await problems(environment: ["GRANARY_B": "unmistakable", "GRANARY_A": "x", "GRANARYX": "x"])
        #expect(problems.map { $0.prefix(27) } == ["unknown variable GRANARY_A:", "unknown variable GRANARY_B:"])
        #expect(!problems.joined().contains("unmistakable"))
    }

    @Test(
        "variables of others are none of the server's business",
        arguments: [
            ("GRANARY_TOKEN", "x"), ("GRANARY_CONFIG", "x"), ("GRANARY_ADMIN_PASSWORD", "x"),
            ("GRANARY_TEST_POSTGRES", "x"), ("GRANARY_UNKNOWN", ""), ("GRANARY_SERVICE_HOST", "10.0.0.1"),
            ("GRANARY_SERVICE_PORT_HTTP", "80"), ("GRANARY_PORT", "tcp://10.0.0.1:80"), ("GRANARY", "x"),
            ("GRANARY_PORT_80_TCP", "tcp://10.0.0.1:80"), ("GRANARY_PORT_80_TCP_PROTO", "tcp"),
            ("GRANARY_DB_SERVICE_PORT", "80"), ("GRANARY_DB_PORT_80_UDP_ADDR", "10.0.0.1"),
        ]
    )
    func othersVariables(name: String, value: String) {
        #expect(EnvironmentVariables.problems(in: [name: value]) == [])
    }

    @Test("an empty variable counts as none", arguments: Setting.all)
    func emptyVariables(setting: Setting) throws {
        let values = SettingValues(flags: [:], environment: [setting.environmentVariable: ""], file: nil)
        #expect(values.values.isEmpty && values.problems.isEmpty)
    }
}
