// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

@Suite("Uploads that can be resumed", .timeLimit(.minutes(15)))
struct ResumableUploadTests {
    private static let bytes = (0..<5250).map { UInt8(truncatingIfNeeded: $0 / 7 + $0) }
    private static let broken = RegistryError.incompleteBody("a test's body")

    private func begin(
        _ path: String,
        in fixture: PublishFixture,
        sha256: Digest? = nil,
        isDraft: Bool = false,
        through uploads: ResumableUploads? = nil
    ) async throws -> StoredUpload {
        let request = try fixture.request(path, size: Self.bytes.count, sha256: sha256, isDraft: isDraft)
        return try await (uploads ?? fixture.uploads()).begin(request, sizeInBytes: Int64(Self.bytes.count))
    }

    @Test("what came before a connection broke is kept, and the rest goes on behind it")
    func goesOn() async throws {
        try await PublishFixture.run { fixture in
            var upload = try await begin("tool@1.0.0/a.bin", in: fixture, sha256: .sha256(of: Self.bytes))
            #expect(upload.received == 0 && !upload.isComplete)
            for end in [1, 950, 951, 3333, 5249] {
                let rest = Array(Self.bytes[Int(upload.received)..<end])
                await #expect(throws: RegistryError.self) {
                    try await fixture.append(rest, to: upload, failure: Self.broken)
                }
                upload = try await fixture.uploads().find(upload.id)
                #expect(upload.received == end)
                #expect(try await fixture.record(of: "tool@1.0.0/a.bin") == nil)
            }
            let outcome = try await fixture.append([Self.bytes[5249]], to: upload)
            #expect(outcome == .complete(.created(sha256: try .sha256(of: Self.bytes))))
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin") == Self.bytes)
            #expect(try await fixture.uploads().find(upload.id).isComplete)
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
            try await fixture.expectRightCounts()
            #expect(try await fixture.usage().size == Int64(Self.bytes.count))
        }
    }

    @Test("a piece that begins elsewhere is not taken, and the right place is told")
    func elsewhere() async throws {
        try await PublishFixture.run { fixture in
            let begun = try await begin("tool@1.0.0/a.bin", in: fixture)
            #expect(try await fixture.append([1], to: begun, at: 7) == .elsewhere(0))
            #expect(try await fixture.append(Array(Self.bytes[..<100]), to: begun) == .received(upTo: 100))
            // The request looked before the other one was finished.
            #expect(try await fixture.append([1], to: begun) == .elsewhere(100))
            let upload = try await fixture.uploads().find(begun.id)
            await #expect(throws: RegistryError.self) { try await fixture.append(Self.bytes, to: upload) }
            #expect(try await fixture.uploads().find(begun.id).received <= 5100)
        }
    }

    @Test("a request that comes later ends the one before, and their bytes are not mixed")
    func overtaken() async throws {
        try await PublishFixture.run { fixture in
            let upload = try await begin("tool@1.0.0/a.bin", in: fixture)
            let gate = Gate()
            async let slow = fixture.append([UInt8](repeating: 9, count: 900), to: upload, gate: gate)
            await gate.waitForArrival()
            #expect(try await fixture.append(Array(Self.bytes[..<500]), to: upload) == .received(upTo: 500))
            gate.open()
            #expect(try await slow == .elsewhere(500))
            let rest = try await fixture.uploads().find(upload.id)
            _ = try await fixture.append(Array(Self.bytes[500...]), to: rest)
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin") == Self.bytes)
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("a piece whose digest is stated is taken whole or not at all")
    func digestOfPiece() async throws {
        try await PublishFixture.run { fixture in
            let upload = try await begin("tool@1.0.0/a.bin", in: fixture)
            let piece = Array(Self.bytes[..<2500])
            let right = DigestFields.structured([try .sha256(of: piece)])
            let wrong = DigestFields.structured([try .sha256(of: [1])])
            await #expect(throws: RegistryError.self) {
                try await fixture.append(piece, to: upload, digests: [("content-digest", wrong)])
            }
            await #expect(throws: RegistryError.self) {
                try await fixture.append(piece, to: upload, failure: Self.broken, digests: [("content-digest", right)])
            }
            #expect(try await fixture.uploads().find(upload.id).received == 0)
            let outcome = try await fixture.append(piece, to: upload, digests: [("content-digest", right)])
            #expect(outcome == .received(upTo: 2500))
        }
    }

    @Test("a file that has not the digest that was stated is not published, and its upload is gone")
    func digestOfFile() async throws {
        try await PublishFixture.run { fixture in
            let upload = try await begin("tool@1.0.0/a.bin", in: fixture, sha256: .sha256(of: [1]))
            let error = await #expect(throws: RegistryError.self) { try await fixture.append(Self.bytes, to: upload) }
            guard error?.code == .digestMismatch else {
                Issue.record("\(String(describing: error))")
                return
            }
            await #expect(throws: RegistryError.self) { try await fixture.uploads().find(upload.id) }
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
            try await fixture.expectRightCounts()
        }
    }

    @Test("a file that is empty is published when it is begun, and one that is there already is not stored again")
    func withoutBytes() async throws {
        try await PublishFixture.run { fixture in
            let request = try fixture.request("tool@1.0.0/empty", size: 0, isDraft: false)
            #expect(try await fixture.uploads().begin(request, sizeInBytes: 0).isComplete)
            #expect(try await fixture.content(of: "tool@1.0.0/empty") == [])
            try await fixture.publish(Self.bytes, as: "tool@1.0.0/a.bin")
            let upload = try await begin("tool@1.0.0/a.bin", in: fixture)
            let outcome = try await fixture.append(Self.bytes, to: upload)
            #expect(outcome == .complete(.unchanged(sha256: try .sha256(of: Self.bytes))))
            #expect(try await fixture.uploads().find(upload.id).isComplete)
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
            try await fixture.expectRightCounts()
        }
    }

    @Test("room is set aside from the beginning until the end, whatever that is")
    func room() async throws {
        try await PublishFixture.run { fixture in
            var quotas = Quotas()
            quotas.owner = Quota(size: 8000, versionCount: 2)
            let uploads = fixture.uploads(quotas: quotas)
            let upload = try await begin("tool@1.0.0/a.bin", in: fixture, through: uploads)
            var usage = try await fixture.usage()
            #expect(usage.reservedSize == 5250 && usage.reservedVersionCount == 1)
            await #expect(throws: RegistryError.self) {
                _ = try await begin("tool@2.0.0/a.bin", in: fixture, through: uploads)
            }
            _ = try await fixture.append(Array(Self.bytes[..<10]), to: upload, through: uploads)
            // The start of the one process that has this database.
            _ = try await fixture.removeStaleUploads.run()
            #expect(try await fixture.usage().reservedSize == 5250)
            try await uploads.drop(upload)
            #expect(try await fixture.usage() == Usage())
            let second = try await begin("tool@1.0.0/a.bin", in: fixture, through: uploads)
            _ = try await fixture.append(Self.bytes, to: second, through: uploads)
            usage = try await fixture.usage()
            #expect(usage.size == 5250 && usage.reservedSize == 0 && usage.versionCount == 1)
            try await fixture.expectRightCounts()
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("an upload of unknown size has the room of what came of it, and ends where its size is stated")
    func statedLater() async throws {
        try await PublishFixture.run { fixture in
            var quotas = Quotas()
            quotas.owner = Quota(size: 8000, versionCount: 2)
            let uploads = fixture.uploads(quotas: quotas)
            let request = try fixture.request("tool@1.0.0/a.bin", isDraft: false)
            var upload = try await uploads.begin(request, sizeInBytes: nil)
            #expect(upload.sizeInBytes == nil && upload.offset == 0)
            #expect(try await fixture.usage().reservedSize == 0)
            for end in [10, 2500, 5000] {
                let rest = Array(Self.bytes[Int(upload.received)..<end])
                #expect(
                    try await fixture.append(rest, to: upload, through: uploads) == .received(upTo: Int64(end))
                )
                upload = try await uploads.find(upload.id)
                #expect(upload.offset == end && upload.sizeInBytes == nil)
                #expect(try await fixture.usage().reservedSize == end)
            }
            // More than there is room for, before and when the size is stated; what came stays.
            let tooMuch = Array(Self.bytes[5000...]) + [UInt8](repeating: 0, count: 2751)
            await #expect(throws: RegistryError.self) {
                try await fixture.append(tooMuch, to: upload, through: uploads)
            }
            upload = try await uploads.find(upload.id)
            await #expect(throws: RegistryError.self) {
                try await fixture.append([], to: upload, stating: 8001, through: uploads)
            }
            upload = try await uploads.find(upload.id)
            #expect(upload.sizeInBytes == nil)
            #expect(try await fixture.usage().reservedSize == upload.received)
            // Whole steps that came before the refusal are durable.
            let size = Int(upload.received)
            #expect(size == 8000)
            let outcome = try await fixture.append([], to: upload, stating: size, through: uploads)
            guard case .complete = outcome else {
                Issue.record("\(outcome)")
                return
            }
            let content = Self.bytes + [UInt8](repeating: 0, count: size - Self.bytes.count)
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin") == content)
            let usage = try await fixture.usage()
            #expect(usage.size == 8000 && usage.reservedSize == 0 && usage.versionCount == 1)
            try await fixture.expectRightCounts()
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("an upload with which nobody goes on is dropped with all that came of it")
    func expires() async throws {
        try await PublishFixture.run { fixture in
            let upload = try await begin("tool@1.0.0/a.bin", in: fixture)
            fixture.clock.advance(by: .seconds(20 * 3600))
            _ = try await fixture.append(Array(Self.bytes[..<1500]), to: upload)
            fixture.clock.advance(by: .seconds(20 * 3600))
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.uploads().find(upload.id).received == 1500)
            #expect(try await fixture.keysInStore().count == 2)
            fixture.clock.advance(by: .seconds(5 * 3600))
            await #expect(throws: RegistryError.self) { try await fixture.uploads().find(upload.id) }
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.count("SELECT COUNT(*) FROM upload") == 0)
            try await fixture.expectNothingLeftBehind()
            try await fixture.expectRightCounts()
        }
    }

    @Test("its owner can be deleted, and the content goes")
    func ownerIsDeleted() async throws {
        try await PublishFixture.run { fixture in
            let upload = try await begin("tool@1.0.0/a.bin", in: fixture)
            _ = try await fixture.append(Array(Self.bytes[..<1500]), to: upload)
            _ = try await fixture.metadata.accounts.createUser(
                NewUser(
                    name: OwnerName("root"),
                    email: EmailAddress("root@example.org"),
                    passwordHash: "",
                    isAdministrator: true,
                    visibility: .public
                )
            )
            #expect(try await fixture.metadata.accounts.removeUser(fixture.owner.id) == .removed)
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.keysInStore().isEmpty)
        }
    }

    @Test("requests that complete it at the same moment publish it once, and all hear so")
    func completedTogether() async throws {
        try await PublishFixture.run { fixture in
            let upload = try await begin("tool@1.0.0/a.bin", in: fixture)
            let failing = fixture.uploads(
                blobs: SteppedBlobStore(base: fixture.blobs, steps: Steps(at: 12, .fail(Self.broken)))
            )
            _ = try? await fixture.append(Self.bytes, to: upload, through: failing)
            let whole = try await fixture.uploads().find(upload.id)
            // Clients would take an offset at the end for success.
            #expect(whole.received == 5250 && whole.offset == 5249 && !whole.isComplete)
            let outcomes = try await withThrowingTaskGroup(of: ResumableUploads.Outcome.self) { group in
                for _ in 0..<4 { group.addTask { try await fixture.append([Self.bytes[5249]], to: whole) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for outcome in outcomes {
                guard case .complete = outcome else {
                    Issue.record("\(outcome)")
                    continue
                }
            }
            #expect(try await fixture.content(of: "tool@1.0.0/a.bin") == Self.bytes)
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
            try await fixture.expectRightCounts()
        }
    }

    @Test(
        "at whatever step something fails or the process dies, no byte that was acknowledged is lost",
        arguments: [true, false]
    )
    func everyStep(dies: Bool) async throws {
        try await PublishFixture.run { fixture in
            var step = 0
            var wasReached = true
            while wasReached {
                let path = "tool@1.0.\(step)/a.bin"
                let upload = try await begin(path, in: fixture, sha256: .sha256(of: Self.bytes))
                let gate = Gate()
                let steps = Steps(at: step, dies ? .freeze(gate) : .fail(SQLError(.outcomeUnknown, "a test's error")))
                let stores = fixture.stepped(steps)
                let uploads = fixture.uploads(database: stores.database, blobs: stores.blobs)
                async let sending = send(Self.bytes, to: upload, fixture, uploads, finally: gate.open)
                if dies { await gate.waitForArrival() } else { _ = await sending }
                // What the next start does.
                _ = try await fixture.removeStaleUploads.run()
                _ = try await fixture.collectGarbage.run()
                try await finish(upload.id, path, fixture, "step \(step) \(steps.log)")
                gate.open()
                _ = await sending
                wasReached = steps.wasReached
                step += 1
            }
            #expect(step > 30)
            _ = try await fixture.removeStaleUploads.run()
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
            try await fixture.expectRightCounts()
        }
    }

    @Test("at whatever step orphans are removed, no byte that was acknowledged is lost")
    func orphansAtEveryStep() async throws {
        try await PublishFixture.run { fixture in
            var step = 0
            var wasReached = true
            while wasReached {
                let path = "tool@1.0.\(step)/a.bin"
                let upload = try await begin(path, in: fixture, sha256: .sha256(of: Self.bytes))
                let steps = Steps(
                    at: step,
                    .act {
                        _ = try await fixture.removeOrphans.run(grace: .zero, isForced: true)
                        _ = try await fixture.collectGarbage.run()
                    }
                )
                let stores = fixture.stepped(steps)
                let uploads = fixture.uploads(database: stores.database, blobs: stores.blobs)
                _ = await send(Self.bytes, to: upload, fixture, uploads)
                try await finish(upload.id, path, fixture, "step \(step) \(steps.log)")
                wasReached = steps.wasReached
                step += 1
            }
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
        }
    }

    private func send(
        _ bytes: [UInt8],
        to upload: StoredUpload,
        _ fixture: PublishFixture,
        _ uploads: ResumableUploads,
        finally end: @Sendable () -> Void = {}
    ) async -> ResumableUploads.Outcome? {
        defer { end() }
        return try? await fixture.append(bytes, to: upload, through: uploads)
    }

    /// Asks how far an upload came, sends the rest as a client would, and looks at the file.
    private func finish(_ id: UploadID, _ path: String, _ fixture: PublishFixture, _ log: Comment) async throws {
        let upload = try await fixture.uploads().find(id)
        let outcome = try await fixture.append(Array(Self.bytes[Int(upload.offset)...]), to: upload)
        guard case .complete = outcome else {
            Issue.record("\(outcome) \(log)")
            return
        }
        #expect(try await fixture.content(of: path) == Self.bytes, log)
    }
}
