// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Testing
import YAML

@testable import RegistryServer
@testable import granary

@Suite("The table of settings", .timeLimit(.minutes(15)))
struct SettingListTests {
    /// A valid value of each setting, another than its default.
    private static let values: [Setting: String] = [
        "data": "/srv/granary", "listen": "127.0.0.1:1, unix:/run/granary.sock", "proxies": "10.0.0.0/8, unix",
        "url": "https://packages.example.org", "contract": "current", "tls.certificate": "/c.pem", "tls.key": "/k.pem",
        "tls.ticket-secret": "0123456789abcdef0123456789abcdef", "tls.ticket-secret-file": "/secret",
        "access.require-sign-in": "on", "cache.hot-files": "off",
        "database.url": "postgres://granary@db.example.org/granary", "database.connections": "3", "blobs": "s3",
        "blobs-fallback": "local", "s3.endpoint": "https://s3.example.org", "s3.region": "eu", "s3.bucket": "b",
        "s3.prefix": "p", "s3.access-key": "a", "s3.secret-key": "s", "s3.session-token": "t",
        "s3.addressing": "virtual", "s3.redirect": "on", "log.level": "debug", "limits.file-size": "1",
        "limits.owner-size": "2", "limits.owner-versions": "3", "limits.total-size": "4", "limits.total-versions": "5",
        "limits.uploads": "5", "limits.drafts": "5", "limits.connections": "6", "limits.upload-rate": "7",
        "timeouts.upload-window": "8s", "timeouts.stalled-reader": "9s", "timeouts.idle": "10s",
        "timeouts.shutdown": "11s", "timeouts.upload": "12s", "timeouts.draft": "13s",
    ]

    private static func configuration(_ flags: [Setting: String]) throws -> ServerConfiguration {
        try ServerConfiguration(SettingValues(flags: flags, environment: [:], file: nil))
    }

    @Test("flags reach their settings, and a secret has none")
    func flags() throws {
        let arguments = ["serve", "--listen", "a", "--s3-bucket", "b", "--listen", "c,d", "--s3-bucket", "e"]
        let serve = try #require(try Granary.parseAsRoot(arguments) as? Serve)
        #expect(serve.settings.given == ["listen": "a,c,d", "s3.bucket": "e"])
        #expect(throws: (any Error).self) { try Granary.parseAsRoot(["serve", "--s3-secret-key", "s"]) }
    }

    @Test("different keys have different flags and variables")
    func names() {
        #expect(Set(Setting.all.map(\.flag)).count == Setting.all.count)
        #expect(Set(Setting.all.map(\.environmentVariable)).count == Setting.all.count)
        #expect(Set(Self.values.keys) == Set(Setting.all))
    }

    /// Defaults in words, which no source can spell.
    private static let inWords: Set<Setting> = ["proxies", "url", "blobs-fallback", "s3.prefix"]

    @Test("a default that the documentation states is the one of the configuration", arguments: Setting.all)
    func defaults(setting: Setting) throws {
        guard let standard = setting.standard, !Self.inWords.contains(setting) else { return }
        let stated = try Self.configuration([setting: standard])
        let effective = try Self.configuration([:])
        #expect(setting.print(stated) == setting.print(effective))
    }

    @Test(
        "what is printed has every key with the value of its variable, and secrets masked",
        arguments: ["tls.ticket-secret", "tls.ticket-secret-file"] as [Setting]
    )
    func printed(without left: Setting) throws {
        let given = Self.values.filter { $0.key != left }
        let environment = Dictionary(uniqueKeysWithValues: given.map { ($0.key.environmentVariable, $0.value) })
        let configuration = try ServerConfiguration(SettingValues(flags: [:], environment: environment, file: nil))
        let root = try #require(try YAMLReader().read(Array(configuration.yaml.utf8)))
        let printed = Dictionary(uniqueKeysWithValues: Self.leaves(root, ""))
        for (setting, value) in given {
            #expect(printed[setting.key] == (setting.isSecret ? Setting.mask : value), "\(setting.key)")
        }
        #expect(Set(printed.keys) == Set(given.keys.map(\.key)))
    }

    private static func leaves(_ value: YAMLValue, _ key: String) -> [(String, String)] {
        switch value.content {
        case .mapping(let entries):
            entries.flatMap { leaves($0.value, key.isEmpty ? $0.key : "\(key).\($0.key)") }
        case .sequence(let elements): [(key, elements.compactMap(\.text).joined(separator: ", "))]
        case .scalar(let text, _): [(key, text)]
        }
    }

    @Test("the file in the documentation is valid")
    func example() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "granary-example-\(UUID().uuidString).yaml")
        try Data(Setting.example.utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let given = SettingValues(flags: [:], environment: [:], file: path.path())
        #expect(try ServerConfiguration(given).blobs.place.name == "s3")
    }
}
