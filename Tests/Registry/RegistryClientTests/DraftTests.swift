// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import RegistryClient
import RegistryCore
import Testing

@testable import RegistryAPI

@Suite("Publishing several files atomically", .timeLimit(.minutes(15)))
struct DraftTests {
    private let release = "http://registry.test/api/granary/v1/releases/tools/hello/1.0.0"
    private let contents = ["a.txt": Array("alpha".utf8), "b.txt": Array("beta".utf8)]
    private let absent = Reply.refused(404, "not_found")

    /// Publishes the files with these contents, in the order of their names.
    private func publish(
        _ registry: FakeRegistry,
        _ contract: PublishContract = .documented,
        contents: [String: [UInt8]]? = nil,
        notes: ProgressNotes = ProgressNotes()
    ) async throws -> [PublishOutcome] {
        var outcomes: [PublishOutcome] = []
        let version = try PackageReference.version(parsing: "tools/hello@1.0.0")
        try await withTemporaryFolder { folder in
            let files = try (contents ?? self.contents).sorted { $0.key < $1.key }.map { name, content in
                _ = FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: Data(content))
                return FileToPublish(
                    path: "\(folder)/\(name)",
                    coordinate: try PackageReference.file(name, of: version)
                )
            }
            outcomes = try await registry.client().publish(
                files,
                as: version,
                contract: contract,
                progress: { notes.note($0, $1) }
            )
        }
        return outcomes
    }

    private func version(_ texts: [String: String], status: Int = 200) throws -> Reply {
        try .json(versionRecord(texts.map { try fileRecord($0, Array($1.utf8)) }), status: status)
    }

    private func draft(_ texts: [String: String]) throws -> Reply {
        let files = try texts.map { name, text in
            let digest = try sha256(Array(text.utf8))
            return DraftFileRecord(name: name, size: Int64(text.utf8.count), sha256: digest, createdAt: "")
        }
        let draft = DraftRecord(
            owner: "tools",
            name: "hello",
            version: "1.0.0",
            creator: nil,
            createdAt: "",
            expiresAt: "",
            size: 0,
            files: files
        )
        return .json(draft)
    }

    /// The digests by which a request publishes the draft.
    private func named(by request: SeenRequest) throws -> [String: String]? {
        try JSONDecoder().decode([String: [String: String]].self, from: Data(request.body))["files"]
    }

    @Test(
        "all files go into the draft, then one request with their digests publishes them",
        arguments: [PublishContract.documented, .current]
    )
    func together(contract: PublishContract) async throws {
        let notes = ProgressNotes()
        let published = try version(["a.txt": "alpha", "b.txt": "beta"], status: 201)
        let registry = FakeRegistry([absent, absent, .answer(201), .answer(201), published])
        #expect(try await publish(registry, contract, notes: notes) == [.created, .created])
        #expect(registry.requests.map(\.method) == ["GET", "GET", "PUT", "PUT", "POST"])
        #expect(registry.requests[1...].map(\.url) == [release, release + "/a.txt", release + "/b.txt", release])
        let digests = try contents.mapValues { try sha256($0) }
        for (request, name) in zip(registry.requests[2...3], ["a.txt", "b.txt"]) {
            #expect(request.body == contents[name])
            #expect(request.header("X-Checksum-Sha256").first == digests[name])
        }
        #expect(try named(by: registry.requests[4]) == digests)
        #expect(registry.requests[4].header("Content-Type") == ["application/json"])
        #expect(notes.all == [[5, 9], [9, 9]])
    }

    @Test("a draft is gone on with: only what it has not, or has otherwise, is sent")
    func goneOnWith() async throws {
        let published = try version([:], status: 201)
        let begun = try draft(["a.txt": "alpha", "b.txt": "other"])
        let registry = FakeRegistry([absent, begun, .answer(201), published])
        #expect(try await publish(registry) == [.created, .created])
        #expect(registry.requests.map(\.method) == ["GET", "GET", "PUT", "POST"])
        #expect(registry.requests[2].url == release + "/b.txt")
        #expect(try named(by: registry.requests[3])?.count == 2)
    }

    @Test("nothing is sent to a draft that has other files, and the user is told which and what to do")
    func otherFiles() async throws {
        let registry = FakeRegistry([absent, try draft(["a.txt": "alpha", "x.txt": "", "y.txt": ""])])
        let error = await #expect(throws: ClientError.self) { try await publish(registry) }
        #expect(error?.code == .conflict)
        for words in ["\"x.txt\"", "\"y.txt\"", "granary delete --draft tools/hello@1.0.0"] {
            #expect(error?.message.contains(words) == true, "\(words)")
        }
        #expect(error?.message.contains("a.txt") == false)
        #expect(registry.requests.count == 2)
    }

    @Test("the act is repeated when its answer is lost")
    func lostAnswer() async throws {
        let begun = try draft(["a.txt": "alpha", "b.txt": "beta"])
        let published = try version(["a.txt": "alpha", "b.txt": "beta"])
        let registry = FakeRegistry([absent, begun, .connectionLost, published])
        #expect(try await publish(registry) == [.created, .created])
        #expect(registry.requests.map(\.method) == ["GET", "GET", "POST", "POST"])
        #expect(registry.requests[2].body == registry.requests[3].body)
        let raced = FakeRegistry([absent, begun, published])
        #expect(try await publish(raced) == [.unchanged, .unchanged])
    }

    @Test("a repeated act that finds no draft any more has succeeded if the files are published, and failed if not")
    func lateAnswer() async throws {
        let begun = try draft(["a.txt": "alpha", "b.txt": "beta"])
        let lost = [absent, begun, Reply.connectionLost, absent]
        let joined = FakeRegistry(lost + [try version(["a.txt": "alpha", "b.txt": "beta", "c.txt": ""])])
        #expect(try await publish(joined, .current) == [.created, .created])
        let failed = FakeRegistry(lost + [try version(["a.txt": "alpha", "c.txt": ""])])
        let error = await #expect(throws: ClientError.self) { try await publish(failed, .current) }
        #expect(error?.code == .notFound)
        let other = FakeRegistry(lost + [try version(["a.txt": "alpha", "b.txt": "other"])])
        await #expect(throws: ClientError.self, "another publisher's bytes") { try await publish(other, .current) }
    }

    @Test("the first refusal of the act is final", arguments: [(404, "not_found"), (409, "differs"), (400, "exists")])
    func refused(status: Int, code: String) async throws {
        let begun = try draft(["a.txt": "alpha", "b.txt": "beta"])
        let registry = FakeRegistry([absent, begun, .refused(status, code)])
        let error = await #expect(throws: ClientError.self) { try await publish(registry) }
        #expect(error?.message == code)
        #expect(registry.requests.count == 3)
    }

    @Test("files that are published already are told as the contract has it")
    func published() async throws {
        let published = try version(["a.txt": "alpha", "b.txt": "beta"])
        #expect(try await publish(FakeRegistry([published]), .current) == [.unchanged, .unchanged])
        let error = await #expect(throws: ClientError.self) { try await publish(FakeRegistry([published])) }
        #expect(error?.code == .conflict)
        #expect(error?.message == "tools/hello@1.0.0 already exists with the same content; nothing to do")
    }

    @Test(
        "what the contract does not accept is refused before anything is sent",
        arguments: [
            (["a.txt": "alpha", "b.txt": "other"], .documented), (["a.txt": "alpha", "b.txt": "other"], .current),
            (["a.txt": "alpha"], .documented), (["c.txt": ""], .documented),
        ] as [([String: String], PublishContract)]
    )
    func existing(texts: [String: String], contract: PublishContract) async throws {
        let registry = FakeRegistry([try version(texts)])
        let error = await #expect(throws: ClientError.self) { try await publish(registry, contract) }
        #expect(error?.code == .conflict)
        #expect(error?.message.contains("nothing to do") == false)
        #expect(registry.requests.count == 1)
    }

    @Test("files that join a version are published without those that it has")
    func joining() async throws {
        let published = try version(["a.txt": "alpha", "c.txt": ""])
        let registry = FakeRegistry([published, absent, .answer(201), try version([:], status: 201)])
        #expect(try await publish(registry, .current) == [.unchanged, .created])
        #expect(registry.requests[2].url == release + "/b.txt")
        #expect(try named(by: registry.requests[3]) == ["b.txt": sha256(Array("beta".utf8))])
    }

    @Test("a large file goes into the draft by an upload that can be resumed")
    func large() async throws {
        let large = Array(repeating: UInt8(ascii: "."), count: 16 << 20)
        let begun = Reply.json(uploadRecord("one", of: large.count), status: 201)
        let published = try version([:], status: 201)
        let notes = ProgressNotes()
        let registry = FakeRegistry([absent, absent, begun, .answer(204), .answer(201), published])
        _ = try await publish(registry, contents: ["a.bin": large, "b.txt": Array("beta".utf8)], notes: notes)
        #expect(registry.requests.map(\.method) == ["GET", "GET", "POST", "PATCH", "PUT", "POST"])
        let url = "http://registry.test/api/granary/v1/uploads/tools/hello/1.0.0/a.bin?draft=true"
        #expect(registry.requests[2].url == url)
        #expect(notes.all.last == [Int64(large.count) + 4, Int64(large.count) + 4])
    }

    @Test("one file needs no draft")
    func single() async throws {
        let registry = FakeRegistry([absent, .answer(201)])
        #expect(try await publish(registry, contents: ["a.txt": []]) == [.created])
        #expect(registry.requests.last?.url == "http://registry.test/api/packages/tools/generic/hello/1.0.0/a.txt")
    }

    @Test("a name the contract does not allow is refused before any request")
    func invalidName() async throws {
        let registry = FakeRegistry([])
        let error = await #expect(throws: ClientError.self) {
            try await publish(registry, contents: ["a.txt": [], "b c.txt": []])
        }
        #expect(error?.code == .usage)
    }

    @Test("a draft and one file of it are dropped")
    func dropping() async throws {
        let registry = FakeRegistry([.answer(204), .connectionLost, absent])
        let version = try PackageReference.version(parsing: "tools/hello@1.0.0")
        try await registry.client().deleteDraft(of: version)
        try await registry.client().deleteDraft(of: PackageReference.file("a.txt", of: version))
        #expect(registry.requests.map(\.method) == ["DELETE", "DELETE", "DELETE"])
        #expect(registry.requests.map(\.url) == [release, release + "/a.txt", release + "/a.txt"])
    }
}
