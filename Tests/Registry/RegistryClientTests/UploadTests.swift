// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import RegistryClient
import RegistryCore
import Testing

@testable import RegistryAPI

@Suite("Uploads that go on after a lost connection", .timeLimit(.minutes(15)))
struct UploadTests {
    /// As many mebibytes as files have from which on they are sent so, each of other bytes than the one before.
    private static let content = (0..<16).flatMap { Array(repeating: UInt8($0), count: 1 << 20) }
    private var content: [UInt8] { Self.content }

    private func publish(_ registry: FakeRegistry, _ notes: ProgressNotes = ProgressNotes()) async throws
        -> PublishOutcome?
    {
        var outcome: PublishOutcome?
        try await withTemporaryFolder { folder in
            let path = folder + "/local"
            _ = FileManager.default.createFile(atPath: path, contents: Data(content))
            outcome = try await registry.client().publish(
                path,
                to: coordinate(),
                contract: .current,
                progress: { notes.note($0, $1) }
            )
        }
        return outcome
    }

    /// A registry without the version, where the upload "one" is begun.
    private func registry(_ replies: Reply...) throws -> FakeRegistry {
        FakeRegistry([.refused(404, "not_found"), try begun("one")] + replies)
    }

    private func begun(_ id: String) throws -> Reply {
        .json(uploadRecord(id, of: content.count), status: 201)
    }

    private func state(_ offset: Int, isPublished: Bool = false) throws -> Reply {
        .json(uploadRecord("one", of: content.count, offset: offset, isPublished: isPublished))
    }

    @Test("an upload is begun with length and digest, and its content goes in one request")
    func whole() async throws {
        let registry = try registry(.answer(204))
        #expect(try await publish(registry) == .created)
        #expect(registry.requests.map(\.method) == ["GET", "POST", "PATCH"])
        let begin = registry.requests[1]
        #expect(begin.url == "http://registry.test/api/granary/v1/uploads/tools/hello/1.0.0/a.bin")
        #expect(begin.header("Upload-Length") == ["\(content.count)"])
        #expect(begin.header("X-Checksum-Sha256") == [try sha256(content)])
        #expect(begin.body.isEmpty)
        let patch = registry.requests[2]
        #expect(patch.url == "http://registry.test/api/granary/v1/uploads/one")
        #expect(patch.header("Upload-Offset") == ["0"])
        #expect(patch.header("Content-Type") == ["application/offset+octet-stream"])
        #expect(patch.header("Authorization") == ["Bearer sesame"])
        #expect(patch.body == content)
    }

    @Test("after a cut the registry is asked, and content and progress go on where it is")
    func resumed() async throws {
        let notes = ProgressNotes()
        let registry = try registry(.cutOffRequest(after: 5 << 20), state((3 << 20) + 1), .answer(204))
        #expect(try await publish(registry, notes) == .created)
        #expect(registry.requests.map(\.method) == ["GET", "POST", "PATCH", "GET", "PATCH"])
        let patch = registry.requests[4]
        #expect(patch.header("Upload-Offset") == ["\((3 << 20) + 1)"])
        #expect(patch.body == Array(content[((3 << 20) + 1)...]))
        #expect(registry.waits.count == 1)
        let whole = Int64(content.count)
        let beforeTheCut: [Int64] = (1...5).map { $0 << 20 }
        let afterIt: [Int64] = (4...15).map { ($0 << 20) + 1 }
        #expect(notes.all == (beforeTheCut + afterIt + [whole]).map { [$0, whole] })
    }

    @Test("an upload that is gone is begun anew")
    func gone() async throws {
        let registry = try registry(
            .cutOffRequest(after: 1 << 20),
            .refused(404, "not_found"),
            begun("two"),
            .answer(204)
        )
        #expect(try await publish(registry) == .created)
        let patch = try #require(registry.requests.last)
        #expect(patch.url == "http://registry.test/api/granary/v1/uploads/two")
        #expect(patch.header("Upload-Offset") == ["0"])
        #expect(patch.body == content)
    }

    @Test("a registry without such uploads gets the whole file", arguments: [404, 405])
    func olderRegistry(status: Int) async throws {
        let absent = Reply.refused(404, "not_found")
        let registry = FakeRegistry([absent, .refused(status, "none"), .answer(201)])
        #expect(try await publish(registry) == .created)
        #expect(registry.requests.map(\.method) == ["GET", "POST", "PUT"])
        #expect(registry.requests.last?.body == content)
    }

    @Test("a file that was published although the answer was lost is a success")
    func lostAnswer() async throws {
        let registry = try registry(.connectionLost, state(content.count, isPublished: true))
        #expect(try await publish(registry) == .created)
        #expect(registry.requests.map(\.method) == ["GET", "POST", "PATCH", "GET"])
    }

    @Test("a file that arrived and could not be published is published by sending its last byte again")
    func publishedLater() async throws {
        let registry = try registry(.answer(503), state(content.count - 1), .answer(204))
        #expect(try await publish(registry) == .created)
        let patch = try #require(registry.requests.last)
        #expect(patch.header("Upload-Offset") == ["\(content.count - 1)"])
        #expect(patch.body == [15])
    }

    @Test("an offset that is not the registry's is corrected")
    func otherOffset() async throws {
        let elsewhere = Reply.answer(409, headers: [("Upload-Offset", "7")])
        let registry = try registry(elsewhere, state(7), .answer(204))
        #expect(try await publish(registry) == .created)
        #expect(registry.requests.last?.header("Upload-Offset") == ["7"])
    }

    @Test("a connection that moves data does not use up the attempts, one that does not does")
    func attempts() async throws {
        let absent = [Reply.refused(404, "not_found"), try begun("one")]
        let moving = try (1...9).flatMap { [.cutOffRequest(after: 1), try state($0)] }
        #expect(try await publish(FakeRegistry(absent + moving + [.answer(204)])) == .created)
        let standing = try (1...9).flatMap { _ in [.connectionLost, try state(0)] }
        let registry = FakeRegistry(absent + standing)
        let error = await #expect(throws: ClientError.self) { try await publish(registry) }
        #expect(error?.code == .unavailable)
        #expect(registry.requests.count(where: { $0.method == "PATCH" }) == RetryPolicy.standard.attempts)
    }

    @Test("uploads that are gone again and again are given up")
    func goneForEver() async throws {
        let moved = [Reply.cutOffRequest(after: 1), try state(1), .connectionLost, .refused(404, "not_found")]
        let rounds = try (1...9).flatMap { _ in moved + [try begun("one")] }
        let registry = FakeRegistry([.refused(404, "not_found"), try begun("one")] + rounds)
        let error = await #expect(throws: ClientError.self) { try await publish(registry) }
        #expect(error?.code == .unavailable)
    }

    @Test("a refusal is final, and what was sent is dropped", arguments: [400, 409, 413, 507])
    func refused(status: Int) async throws {
        let registry = try registry(.refused(status, "no"), .answer(204))
        let error = await #expect(throws: ClientError.self) { try await publish(registry) }
        #expect(error?.message == "no")
        #expect(registry.requests.map(\.method) == ["GET", "POST", "PATCH", "DELETE"])
        #expect(registry.requests.last?.url == "http://registry.test/api/granary/v1/uploads/one")
    }

    @Test("what nobody goes on with after the last attempt is dropped")
    func givenUp() async throws {
        let rounds = try (1..<RetryPolicy.standard.attempts).flatMap { _ in [Reply.connectionLost, try state(0)] }
        let begin = [Reply.refused(404, "not_found"), try begun("one")]
        let registry = FakeRegistry(begin + rounds + [.connectionLost, .answer(204)])
        let error = await #expect(throws: ClientError.self) { try await publish(registry) }
        #expect(error?.code == .unavailable)
        #expect(registry.requests.last?.method == "DELETE")
    }

    @Test("what came of an upload that is cancelled is dropped")
    func cancelled() async throws {
        let registry = try registry(.cancellation, .answer(204))
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { _ = try await publish(registry) }
                try await group.next()
            }
        }
        #expect(registry.requests.map(\.method) == ["GET", "POST", "PATCH", "DELETE"])
        #expect(registry.requests.last?.url == "http://registry.test/api/granary/v1/uploads/one")
    }

    @Test("an offset that cannot be is an error", arguments: [-1, (16 << 20) + 1])
    func impossibleOffset(offset: Int) async throws {
        let registry = try registry(.connectionLost, state(offset), .answer(204))
        let error = await #expect(throws: ClientError.self) { try await publish(registry) }
        #expect(error?.code == .refused)
        #expect(registry.requests.count(where: { $0.method == "PATCH" }) == 1)
    }
}

/// A record of an upload of tools/hello@1.0.0/a.bin.
func uploadRecord(_ id: String, of size: Int, offset: Int = 0, isPublished: Bool = false) -> UploadRecord {
    UploadRecord(
        id: id,
        owner: "tools",
        name: "hello",
        version: "1.0.0",
        file: "a.bin",
        draft: false,
        size: Int64(size),
        offset: Int64(offset),
        published: isPublished,
        createdAt: "",
        expiresAt: ""
    )
}
