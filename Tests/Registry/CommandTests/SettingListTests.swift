// SPDX-License-Identifier: Apache-2.0

import CommandLine
import Foundation
import Testing
import YAML

@testable import RegistryServer
@testable import granary

/// `Setting` is the one list of settings; everything that is written beside it must have the same ones.
@Suite("The lists of settings", .timeLimit(.minutes(2)))
struct SettingListTests {
    /// A valid value of each setting, another than its default.
    private static let values: [Setting: String] = [
        .data: "/srv/granary", .listen: "127.0.0.1:1, unix:/run/granary.sock", .proxies: "10.0.0.0/8, unix",
        .url: "https://packages.example.org", .contract: "current", .certificate: "/c.pem", .key: "/k.pem",
        .ticketSecret: "0123456789abcdef0123456789abcdef", .ticketSecretFile: "/secret", .requireSignIn: "on",
        .hotFiles: "off", .databaseURL: "postgres://granary@db.example.org/granary", .databaseConnections: "3",
        .blobs: "s3", .blobsFallback: "local", .s3Endpoint: "https://s3.example.org", .s3Region: "eu", .s3Bucket: "b",
        .s3Prefix: "p", .s3AccessKey: "a", .s3SecretKey: "s", .s3SessionToken: "t", .s3Addressing: "virtual",
        .s3Redirect: "on", .logLevel: "debug", .fileSize: "1", .ownerSize: "2", .ownerVersions: "3", .totalSize: "4",
        .totalVersions: "5", .openUploads: "5", .openDrafts: "5", .connections: "6", .uploadRate: "7",
        .uploadWindow: "8s", .stalledReader: "9s",
        .idle: "10s", .shutdown: "11s", .upload: "12s", .draft: "13s",
    ]

    private static let help: String = {
        do {
            _ = try Granary.parseAsRoot(["serve", "--help"])
            return ""
        } catch {
            return Granary.fullMessage(for: error)
        }
    }()

    @Test("every setting has a flag that reaches it, unless it is a secret", arguments: Setting.allCases)
    func flags(setting: Setting) throws {
        let arguments = ["serve", setting.flag, "a", setting.flag, "b"]
        if setting.isSecret {
            #expect(throws: (any Error).self) { try Granary.parseAsRoot(arguments) }
        } else {
            let serve = try #require(try Granary.parseAsRoot(arguments) as? Serve)
            #expect(serve.settings.given == [setting: setting.isList ? "a,b" : "b"])
        }
    }

    @Test("the help has every flag with its variable", arguments: Setting.allCases)
    func inHelp(setting: Setting) {
        #expect(Self.help.contains("\(setting.flag) <value>") != setting.isSecret)
        #expect(Self.help.contains("(\(setting.environmentVariable))") != setting.isSecret)
    }

    @Test("keys, flags and variables are those of one setting each")
    func names() {
        #expect(Set(Setting.allCases.map(\.key)).count == Setting.allCases.count)
        #expect(Set(Setting.allCases.map(\.flag)).count == Setting.allCases.count)
        #expect(Set(Setting.allCases.map(\.environmentVariable)).count == Setting.allCases.count)
        #expect(Set(Self.values.keys) == Set(Setting.allCases))
    }

    @Test(
        "what is printed has every key with the value of its variable, and secrets masked",
        arguments: [Setting.ticketSecret, .ticketSecretFile]
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
}
