// SPDX-License-Identifier: Apache-2.0

import Foundation
import RegistryTestSupport
import Testing

@testable import RegistryServer
@testable import S3Blobs

@Suite("Configuration of S3", .timeLimit(.minutes(15)))
struct S3ConfigurationTests {
    private static let needed: [Setting: String] = [
        "blobs": "s3", "s3.endpoint": "https://s3.example.org", "s3.bucket": "granary", "s3.access-key": "KEY",
        "s3.secret-key": "unmistakable",
    ]

    private func configuration(
        _ flags: [Setting: String],
        environment: [String: String] = [:]
    ) throws -> ServerConfiguration {
        try ServerConfiguration(SettingValues(flags: flags, environment: environment, file: nil))
    }

    private func store(_ place: BlobEngine.Place?) -> S3Configuration? {
        if case .s3(let store) = place { store } else { nil }
    }

    private func problems(_ flags: [Setting: String]) -> [String] {
        do {
            _ = try configuration(flags)
            return []
        } catch let error as ConfigurationError {
            return error.problems
        } catch {
            return ["\(error)"]
        }
    }

    @Test("content lies in the data directory unless something else is said")
    func local() throws {
        #expect(try configuration([:]).blobs.place.name == "local")
        #expect(try configuration(["s3.bucket": "b"]).blobs.place.name == "local")
    }

    @Test("all settings of a store are taken over")
    func all() throws {
        var flags = Self.needed
        flags["s3.region"] = "eu-central-1"
        flags["s3.prefix"] = "/a/b"
        flags["s3.addressing"] = "virtual"
        flags["s3.redirect"] = "on"
        flags["s3.session-token"] = "TOKEN"
        let found = try #require(store(try configuration(flags).blobs.place))
        #expect(found.location.endpoint == "https://s3.example.org")
        #expect(found.location.region == "eu-central-1")
        #expect(found.location.prefix == "a/b/")
        #expect(found.location.addressing == .virtual)
        #expect(found.redirects)
        #expect(found.credentials.secretKey == "unmistakable")
        #expect(found.credentials.sessionToken == "TOKEN")
    }

    @Test("the standard variables are taken together, and are weaker than settings of our own")
    func standardVariables() throws {
        var flags = Self.needed
        let environment = [
            "AWS_ACCESS_KEY_ID": "AWS", "AWS_SECRET_ACCESS_KEY": "SECRET", "AWS_SESSION_TOKEN": "TOKEN",
            "AWS_REGION": "eu-1",
        ]
        let own = try #require(store(try configuration(flags, environment: environment).blobs.place))
        #expect(own.credentials.accessKey == "KEY")
        #expect(own.credentials.sessionToken == nil)
        #expect(own.location.region == "eu-1")
        flags["s3.access-key"] = nil
        flags["s3.secret-key"] = nil
        let standard = try #require(store(try configuration(flags, environment: environment).blobs.place))
        #expect(standard.credentials.accessKey == "AWS")
        #expect(standard.credentials.secretKey == "SECRET")
        #expect(standard.credentials.sessionToken == "TOKEN")
    }

    @Test("each setting that S3 needs and that is missing is named", arguments: needed.keys.filter { $0 != "blobs" })
    func missing(_ setting: Setting) {
        var flags = Self.needed
        flags[setting] = nil
        let found = problems(flags)
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("\(setting.key) is missing") == true)
    }

    static let badValues: [(Setting, String)] = [
        ("blobs", "disk"), ("blobs-fallback", "S3"), ("s3.endpoint", "s3.example.org"),
        ("s3.endpoint", "https://u:p@h"),
        ("s3.bucket", "a/b"), ("s3.bucket", ""), ("s3.prefix", "a/../b"), ("s3.prefix", "a b"), ("s3.region", ""),
        ("s3.access-key", ""), ("s3.secret-key", "unmistakable secret"), ("s3.addressing", "host"),
        ("s3.redirect", "yes"),
    ]

    @Test("a bad value is named with its rule, a secret is not shown", arguments: badValues)
    func badValue(_ setting: Setting, _ value: String) {
        var flags = Self.needed
        flags[setting] = value
        let found = problems(flags)
        #expect(found.count == 1, "\(found)")
        #expect(found.first?.contains("it must be") == true)
        #expect(found.first?.contains("unmistakable") == false)
    }

    @Test("content that is moved lies in two places, which must differ")
    func fallback() throws {
        var flags = Self.needed
        flags["blobs-fallback"] = "local"
        #expect(try configuration(flags).blobs.earlier?.name == "local")
        flags["blobs-fallback"] = "s3"
        #expect(problems(flags).count == 1)
        flags["blobs"] = "local"
        #expect(store(try configuration(flags).blobs.earlier) != nil)
    }

    @Test("what is printed has no secret, and the rest can be read back")
    func printed() async throws {
        var flags = Self.needed
        flags["s3.session-token"] = "unmistakable"
        flags["s3.prefix"] = "a"
        let yaml = try configuration(flags).yaml
        #expect(!yaml.contains("unmistakable"))
        try await withTemporaryDirectory { directory in
            let path = directory + "/granary.yaml"
            try Data(yaml.utf8).write(to: URL(filePath: path))
            let again = try ServerConfiguration(SettingValues(flags: [:], environment: [:], file: path))
            #expect(again.yaml == yaml)
        }
    }
}
