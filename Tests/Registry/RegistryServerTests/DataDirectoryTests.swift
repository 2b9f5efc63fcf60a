// SPDX-License-Identifier: Apache-2.0

import Foundation
import RegistryCore
import RegistryHTTP
import RegistryMetadata
import RegistryService
import RegistryTestSupport
import Testing

@testable import RegistryServer

@Suite("Data directory", .timeLimit(.minutes(15)))
struct DataDirectoryTests {
    @Test("it is made with its parents, for its owner only")
    func created() async throws {
        try await withTemporaryDirectory { parent in
            let directory = try DataDirectory.prepare(parent + "/new/deep/data/")
            #expect(directory.path.hasSuffix("/new/deep/data"))
            for path in [directory.path, parent + "/new/deep"] {
                let attributes = try FileManager.default.attributesOfItem(atPath: path)
                #expect(attributes[.posixPermissions] as? Int == 0o700)
            }
            #expect(try DataDirectory.prepare(directory.path) == directory, "a second time changes nothing")
        }
    }

    @Test("what is not a directory, or has no path, is refused with a sentence")
    func refused() async throws {
        try await withTemporaryDirectory { parent in
            try Data().write(to: URL(filePath: parent + "/file"))
            for path in [parent + "/file", ""] {
                let error = #expect(throws: (any Error).self) { try DataDirectory.prepare(path) }
                #expect("\(error.map { "\($0)" } ?? "")".count > 20)
            }
            #expect(throws: DataDirectoryError.self) { try DataDirectory.existing(parent + "/nothing") }
        }
    }

    @Test("one process owns a data directory: its lock has one holder, and goes with it")
    func lock() async throws {
        try await withTemporaryDirectory { parent in
            let directory = try DataDirectory.prepare(parent + "/data")
            var first = try directory.lock()
            #expect(first != nil)
            for _ in 0..<50 { #expect(try directory.lock() == nil) }
            let descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
                // Another test may have closed one of them meanwhile.
                (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\($0)"))
                    == directory.lockFile
            }
            #expect(descriptors <= 1, "a refused lock leaves no file open")
            first = nil
            #expect(try directory.lock() != nil)
        }
    }

    @Test("a credential is never written: no file of the directory holds a password or a token's secret")
    func credentialsAreNeverWritten() async throws {
        try await withTemporaryDirectory { parent in
            let directory = try DataDirectory.prepare(parent + "/data")
            let registry = try await Registry.open(in: directory)
            let password = "unmistakable-passphrase-1"
            let alice = try OwnerName("alice")
            _ = try await registry.accounts.createUser(
                alice,
                email: EmailAddress("alice@example.org"),
                password: password
            )
            let token = try await registry.accounts.createToken(
                TokenName("ci"),
                for: registry.accounts.user(alice),
                scopes: ScopeSet([.writePackage])
            )
            let credentials = Credentials.basic(user: "alice", password: password)
            #expect(try await registry.services.authenticate(credentials).account?.name == alice)
            let secrets = [password, token.secret.text, String(token.secret.text.dropFirst(4))].map { Data($0.utf8) }
            for open in [true, false] {
                if !open { try await registry.close() }
                for name in try FileManager.default.subpathsOfDirectory(atPath: directory.path) {
                    guard let content = FileManager.default.contents(atPath: "\(directory.path)/\(name)") else {
                        continue
                    }
                    for secret in secrets { #expect(content.range(of: secret) == nil, "\(name)") }
                }
            }
        }
    }
}
