// SPDX-License-Identifier: Apache-2.0

import Foundation
import HTTPServer
import Log
import PostgresDriver
import RegistryCore
import RegistryTestSupport
import Testing

@testable import RegistryServer

@Suite("Configuration", .timeLimit(.minutes(15)))
struct ConfigurationTests {
    /// The configuration that three sources give.
    private func configuration(
        flags: [Setting: String] = [:],
        environment: [String: String] = [:],
        file: String? = nil
    ) async throws -> ServerConfiguration {
        try await withTemporaryDirectory { directory in
            let path = file.map { _ in directory + "/granary.yaml" }
            if let file, let path { try Data(file.utf8).write(to: URL(filePath: path)) }
            return try ServerConfiguration(SettingValues(flags: flags, environment: environment, file: path))
        }
    }

    private func problems(
        flags: [Setting: String] = [:],
        environment: [String: String] = [:],
        file: String? = nil
    ) async throws -> [String] {
        do {
            _ = try await configuration(flags: flags, environment: environment, file: file)
            return []
        } catch let error as ConfigurationError {
            return error.problems
        }
    }

    @Test("without any setting the defaults hold")
    func defaults() async throws {
        let configuration = try await configuration()
        #expect(configuration.data == "./granary-data")
        #expect(configuration.listen == [.tcp(host: "127.0.0.1", port: 3000)])
        #expect(configuration.proxies.isEmpty)
        #expect(configuration.contract == .documented)
        #expect(configuration.limits == Limits())
    }

    @Test("a flag is stronger than the environment, that than the file, that than the default")
    func precedence() async throws {
        let file =

            "listen: 10.0.0.1:1\ncontract: current\nlog:\n  level: debug\n"
            + "limits:\n  file-size: 5MiB\n  connections: 7\n"
        let environment = ["GRANARY_LISTEN": "10.0.0.2:2", "GRANARY_CONTRACT": "documented", "OTHER": "x"]
        let configuration = try await configuration(flags: ["listen": "[::1]:3"], environment: environment, file: file)
        #expect(configuration.listen == [.tcp(host: "::1", port: 3)])
        #expect(configuration.contract == .documented)
        #expect(configuration.logLevel == .debug)
        #expect(configuration.limits.fileSize == 5 << 20)
        #expect(configuration.limits.connections == 7)
        #expect(configuration.limits.uploadRate == Limits().uploadRate)
    }

    @Test("all problems are listed together, each with its place")
    func allProblems() async throws {
        let problems = try await problems(
            flags: ["listen": "nowhere"],
            environment: ["GRANARY_CONTRACT": "newest", "GRANARY_TIMEOUTS_IDLE": "soon"],
            file: "limits:\n  file-size: huge\n  colour: red\nlog:\n  level: [1]\n"
        )
        #expect(problems.count == 6, "\(problems)")
        for place in [
            "--listen", "GRANARY_CONTRACT", "GRANARY_TIMEOUTS_IDLE", "limits.file-size", "limits.colour", "log.level",
        ] {
            #expect(problems.contains { $0.contains(place) }, "\(place)")
        }
    }

    @Test("a file that is not there or not YAML is a problem", arguments: ["a: [", "\tx: 1"])
    func unreadable(_ text: String) async throws {
        #expect(try await problems(file: text).count == 1)
        #expect(throws: ConfigurationError.self) {
            try ServerConfiguration(SettingValues(flags: [:], environment: [:], file: "/does/not/exist"))
        }
    }

    @Test("an empty file is fine", arguments: ["", "# nothing\n"])
    func empty(_ text: String) async throws {
        #expect(try await problems(file: text) == [])
    }

    @Test("values keep the text that they were written with")
    func texts() async throws {
        let given = try await configuration(
            file: "data: 0123456701\nlisten: no:12\ntls:\n  certificate: 2024_01\n  key: yes\n"
        )
        #expect(given.data == "0123456701")
        #expect(given.listen == [.tcp(host: "no", port: 12)])
        #expect(given.tls?.certificate == "2024_01")
        #expect(given.tls?.key == "yes")
    }

    @Test(
        "a switch takes YAML's words for on and off",
        arguments: [("yes", true), ("True", true), ("off", false), ("NO", false)]
    )
    func switches(_ word: String, _ isOn: Bool) async throws {
        #expect(try await configuration(file: "access:\n  require-sign-in: \(word)\n").requiresSignIn == isOn)
        let refused = try await problems(environment: ["GRANARY_ACCESS_REQUIRE_SIGN_IN": "yes"])
        #expect(refused.first?.hasSuffix("is \"yes\": it must be on or off") == true)
    }

    @Test("a key without a value, or with several, is a problem", arguments: ["", "~", "null", "[a, b]", "{}"])
    func noValue(_ text: String) async throws {
        let problems = try await problems(file: "data: \(text)\n")
        #expect(problems.count == (text == "{}" ? 0 : 1))
        #expect(problems.allSatisfy { $0.hasSuffix("granary.yaml must have a single text or number for data") })
    }

    @Test("what YAML has beyond settings is refused in one sentence with its line")
    func refusedYAML() async throws {
        let twice = try await problems(file: "listen: a:1\ndata: x\nlisten: b:2\n")
        #expect(twice.count == 1)
        #expect(
            twice.first?.hasSuffix("granary.yaml is not valid YAML: line 3: duplicate key \"listen\": see line 1")
                == true
        )
    }

    static let badValues: [(Setting, String)] = [
        ("data", ""), ("listen", "127.0.0.1"), ("listen", ":80"), ("listen", "localhost:65536"),
        ("listen", "localhost:-1"),
        ("database.url", ""), ("database.url", "mysql://db/granary"), ("database.connections", "0"),
        ("database.connections", "x"),
        ("contract", "Documented"), ("url", "packages.example.org"), ("url", "ftp://x"), ("url", "https://"),
        ("url", "https:///x"), ("url", "https://x:99999"), ("url", "https://x:"), ("url", "https://x:+80"),
        ("url", "https://x/../y"),
        ("url", "https://x//y"),
        ("url", "https://x?y"), ("url", "https://a@x"), ("url", "https://x y"), ("access.require-sign-in", "yes"),
        ("log.level", "loud"), ("limits.file-size", "-1"), ("limits.owner-size", "much"),
        ("limits.owner-versions", "-1"), ("limits.total-size", "1 parsec"), ("limits.total-versions", "5GiB"),
        ("limits.uploads", "-1"), ("limits.drafts", "many"), ("limits.connections", "0"),
        ("limits.connections", "many"), ("limits.upload-rate", "fast"), ("timeouts.upload-window", "0s"),
        ("timeouts.stalled-reader", "10"), ("timeouts.idle", ""), ("timeouts.shutdown", "1d"),
    ]

    @Test("quotas are numbers or none, in every source")
    func quotas() async throws {
        let given = try await configuration(
            flags: ["limits.total-versions": "none"],
            environment: ["GRANARY_LIMITS_TOTAL_SIZE": "2 TiB", "GRANARY_LIMITS_TOTAL_VERSIONS": "7"],
            file: "limits:\n  owner-size: 10kB\n  owner-versions: 0\n"
        ).limits.quotas
        #expect(given.owner == Quota(size: 10_000, versionCount: 0))
        #expect(given.total == Quota(size: 2 << 40, versionCount: nil))
    }

    @Test("unfinished uploads and drafts are bounded in every source")
    func openUploads() async throws {
        let standard = try await configuration()
        #expect(standard.limits.uploads == 1000 && standard.limits.drafts == 1000)
        let given = try await configuration(
            flags: ["limits.uploads": "none"],
            environment: ["GRANARY_LIMITS_UPLOADS": "7", "GRANARY_LIMITS_DRAFTS": "8"],
            file: "limits:\n  drafts: 9\n"
        )
        #expect(given.limits.uploads == nil && given.limits.drafts == 8)
        #expect(given.yaml.contains("  uploads: none\n  drafts: 8\n"))
    }

    @Test("a bad value is named with its source and its rule", arguments: badValues)
    func badValue(_ setting: Setting, _ value: String) async throws {
        let problems = try await problems(flags: [setting: value])
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix(setting.flag) == true)
        #expect(problems.first?.contains("it must be") == true)
    }

    @Test("a PostgreSQL database is chosen by its address, in every source, and shown without its password")
    func postgres() async throws {
        let url = "postgres://granary:unmistakable@db.example.org/granary?sslmode=verify-full"
        let address = try #require(PostgresAddress(url))
        let given = try await configuration(file: "database:\n  url: \(url)\n  connections: 5\n")
        #expect(given.engines.database == .postgres(address, connections: 5))
        #expect(given.yaml.contains("postgres://granary:********@db.example.org/granary?sslmode=verify-full"))
        #expect(!given.yaml.contains("unmistakable"))
        let fromEnvironment = try await configuration(environment: ["GRANARY_DATABASE_URL": url])
        #expect(fromEnvironment.engines.database == .postgres(address, connections: 16))
        #expect(try await configuration(flags: ["database.url": "sqlite"]).engines.database == .sqlite)
    }

    @Test("a password of the database is not taken from the command line, and never quoted")
    func databasePassword() async throws {
        let refused = try await problems(flags: ["database.url": "postgres://granary:unmistakable@db/granary"])
        #expect(refused.count == 1)
        #expect(refused.first?.contains("GRANARY_DATABASE_URL") == true)
        #expect(try await problems(flags: ["database.url": "postgres://granary@db/granary"]) == [])
        let broken = try await problems(environment: ["GRANARY_DATABASE_URL": "postgre://granary:unmistakable@db/g"])
        #expect(broken.count == 1)
        for problem in refused + broken { #expect(!problem.contains("unmistakable")) }
    }

    @Test(
        "every text is printed so that it is read back",
        arguments: [
            "null", "~", "Null", "-", "- a", "a:", ":a", "a: b", "a #b", "'", "a'\u{301}b", "\"\\", "a\nb", "a\r\n",
            "\u{7}",
            "\u{85}y", "\u{2028}",
            " a ", "yes", "0x1", "\u{1F600}", "\u{FEFF}a", "{a}", "*a", "&a", "!a", "%a", "@a", "`a", "---", "...",
        ]
    )
    func texts(_ text: String) async throws {
        let given = try await configuration(flags: ["data": "/srv/\(text)", "tls.certificate": text, "tls.key": text])
        let again = try await configuration(file: given.yaml)
        #expect(again.data == given.data && again.yaml == given.yaml, "\(given.yaml)")
        #expect(again.tls?.certificate == text)
    }

    @Test(
        "a file, or a section of it, in which nothing is written yet is fine",
        arguments: ["", "---\n", "limits:\n", "# a\n"]
    )
    func nothing(_ text: String) async throws {
        #expect(try await problems(file: text) == [])
        #expect(try await problems(file: "limit:\n").count == 1)
    }

    @Test("what is printed can be read back")
    func roundTrip() async throws {
        let given = try await configuration(
            flags: [
                "listen": "[::1]:8080", "url": "https://packages.example.org/registry/", "access.require-sign-in": "on",
                "limits.file-size": "5GiB", "limits.owner-size": "100GiB", "limits.owner-versions": "5000",
                "limits.total-size": "none", "timeouts.idle": "1500ms", "contract": "current",
                "data": "/srv/it's #1: [x]",
            ]
        )
        let again = try await configuration(file: given.yaml)
        #expect(again.yaml == given.yaml)
        #expect(again.limits == given.limits)
        #expect(again.listen == [.tcp(host: "::1", port: 8080)])
        #expect(again.url == "https://packages.example.org/registry")
        #expect(again.requiresSignIn)
        #expect(again.data == given.data)
    }

    static let sizes: [(String, Int64?)] = [
        ("0", 0), ("1024", 1024), ("1B", 1), ("10MiB", 10 << 20), ("5 GB", 5_000_000_000), ("2TiB", 2 << 40),
        ("3kB", 3000),
        ("9223372036854775807", .max), ("9223372036854775808", nil), ("9223372036854775807KiB", nil), ("", nil),
        ("MiB", nil),
        ("-1", nil), ("1.5GiB", nil), ("1mib", nil), ("1 0MiB", nil), ("0x10", nil), ("١", nil),
    ]

    @Test("sizes", arguments: sizes)
    func size(_ text: String, _ bytes: Int64?) {
        #expect(ByteCount.parse(text) == bytes)
    }
}
