// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import RegistryAPI
import RegistryClient
import RegistryCore
import Testing

@Suite("Publishing", .timeLimit(.minutes(15)))
struct PublishTests {
    private let content = Array("hello".utf8)

    private func publish(
        _ registry: FakeRegistry,
        _ contract: PublishContract = .current
    ) async throws -> PublishOutcome? {
        var outcome: PublishOutcome?
        try await withTemporaryFolder { folder in
            let path = folder + "/local"
            _ = FileManager.default.createFile(atPath: path, contents: Data(content))
            outcome = try await registry.client().publish(path, to: coordinate(), contract: contract)
        }
        return outcome
    }

    private func existing(_ text: String) throws -> Reply {
        try .json(versionRecord([fileRecord("a.bin", Array(text.utf8))]))
    }

    @Test("the registry is asked first, then the body goes with its length and SHA-256")
    func newFile() async throws {
        let registry = FakeRegistry([.refused(404, "not_found"), .answer(201)])
        #expect(try await publish(registry) == .created)
        #expect(registry.requests.map(\.method) == ["GET", "PUT"])
        let put = try #require(registry.requests.last)
        #expect(put.url == "http://registry.test/api/packages/tools/generic/hello/1.0.0/a.bin")
        #expect(put.body == content)
        #expect(put.header("X-Checksum-Sha256") == [try sha256(content)])
        #expect(put.header("Authorization") == ["Bearer sesame"])
    }

    @Test("200 means that the same bytes were there")
    func raced() async throws {
        #expect(try await publish(FakeRegistry([.refused(404, "not_found"), .answer(200)])) == .unchanged)
    }

    @Test("the same bytes again are not sent where the contract accepts them")
    func identical() async throws {
        let registry = FakeRegistry([try existing("hello")])
        #expect(try await publish(registry) == .unchanged)
        #expect(registry.requests.count == 1)
    }

    @Test("what exists is refused before a body is sent", arguments: ["hello", "other"])
    func exists(text: String) async throws {
        let registry = FakeRegistry([try existing(text)])
        let error = await #expect(throws: ClientError.self) { try await publish(registry, .documented) }
        #expect(error?.code == .conflict)
        #expect(registry.requests.count == 1)
    }

    @Test("another file is refused for a version that is closed, and sent to one that is open")
    func furtherFiles() async throws {
        let other = try Reply.json(versionRecord([fileRecord("b.bin", content)]))
        let closed = FakeRegistry([other])
        await #expect(throws: ClientError.self) { try await publish(closed, .documented) }
        #expect(try await publish(FakeRegistry([other, .answer(201)]), .current) == .created)
    }

    @Test("a name the contract does not allow is refused before any request")
    func invalidName() async throws {
        let registry = FakeRegistry([])
        try await withTemporaryFolder { folder in
            let version = try PackageReference.version(parsing: "tools/hello@1.0")
            let file = try PackageReference.file("a.bin", of: version)
            let error = await #expect(throws: ClientError.self) {
                _ = try await registry.client().publish(folder + "/x", to: file, contract: .documented)
            }
            #expect(error?.code == .usage)
        }
        #expect(registry.requests.isEmpty)
    }

    @Test("after a lost answer the registry is asked, and a file that arrived is a success")
    func lostAnswer() async throws {
        let registry = FakeRegistry([.refused(404, "not_found"), .connectionLost, try existing("hello")])
        #expect(try await publish(registry, .documented) == .created)
        #expect(registry.requests.map(\.method) == ["GET", "PUT", "GET"])
        #expect(registry.waits.count == 1)
    }

    @Test("after a lost answer a file that did not arrive is sent again, whole")
    func lostRequest() async throws {
        let absent = Reply.refused(404, "not_found")
        let registry = FakeRegistry([absent, .connectionLost, absent, .answer(201)])
        #expect(try await publish(registry) == .created)
        #expect(registry.requests.last?.body == content)
    }

    @Test("a repeated body that is refused because the first arrived late is a success")
    func lateArrival() async throws {
        let absent = Reply.refused(404, "not_found")
        let late = Reply.refused(400, "version_exists")
        let registry = FakeRegistry([absent, .connectionLost, absent, late, try existing("hello")])
        #expect(try await publish(registry, .documented) == .created)
    }

    @Test(
        "another publisher's bytes are not a success of a body whose answer was lost",
        arguments: [
            (.documented, 400, "version_exists"), (.current, 409, "already_exists"), (.current, 412, "exists"),
            (.current, 400, "refused"),
        ] as [(PublishContract, Int, String)]
    )
    func otherBytes(contract: PublishContract, status: Int, code: String) async throws {
        let lost = [Reply.refused(404, "not_found"), .connectionLost]
        let other = try existing("other")
        let registry = FakeRegistry(lost + [other, .refused(status, code), other])
        let error = await #expect(throws: ClientError.self) { try await publish(registry, contract) }
        #expect(error?.message == code)
        #expect(registry.requests.map(\.method) == ["GET", "PUT", "GET", "PUT", "GET"])
    }

    @Test("the same bytes under another name are not the file whose answer was lost")
    func otherName() async throws {
        let other = try Reply.json(versionRecord([fileRecord("b.bin", content)]))
        let registry = FakeRegistry([.refused(404, "not_found"), .connectionLost, other, .answer(201)])
        #expect(try await publish(registry) == .created)
        #expect(registry.requests.map(\.method) == ["GET", "PUT", "GET", "PUT"])
        #expect(registry.requests.last?.body == content)
    }

    @Test(
        "a first refusal is final",
        arguments: [(400, "version_exists"), (409, "already_exists"), (413, "too_large")]
    )
    func refusals(status: Int, code: String) async throws {
        let registry = FakeRegistry([.refused(404, "not_found"), .refused(status, code)])
        let error = await #expect(throws: ClientError.self) { try await publish(registry) }
        #expect(error?.message == code)
        #expect(registry.waits.isEmpty)
    }

    @Test("a busy registry is left alone as long as it asks for, and given up in the end")
    func busy() async throws {
        let busy = Reply.answer(503, headers: [("Retry-After", "2")])
        let registry = FakeRegistry([busy, busy, busy, busy])
        let error = await #expect(throws: ClientError.self) { try await publish(registry) }
        #expect(error?.code == .unavailable)
        #expect(registry.waits == [.seconds(2), .seconds(2), .seconds(2)])
    }

    @Test("a folder and a missing file are refused in words")
    func notAFile() async throws {
        try await withTemporaryFolder { folder in
            for path in [folder, folder + "/missing"] {
                let error = await #expect(throws: ClientError.self) {
                    _ = try await FakeRegistry([]).client().publish(path, to: coordinate(), contract: .current)
                }
                #expect(error?.code == .io)
            }
        }
    }
}
