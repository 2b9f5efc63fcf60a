// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

/// What is set aside is counted, so that a publish costs the same however much of it there is.
@Suite("Counts of what is set aside", .timeLimit(.minutes(15)))
struct RoomCountTests {
    private static let bytes = [UInt8](repeating: 3, count: 10)

    private func begin(
        _ path: String,
        isDraft: Bool = false,
        size: Int? = 10,
        in fixture: PublishFixture,
        through uploads: ResumableUploads
    ) async throws -> StoredUpload {
        try await uploads.begin(
            fixture.request(path, size: size, isDraft: isDraft),
            sizeInBytes: size.map { Int64($0) }
        )
    }

    /// The sentence of a refusal; nil when there is none.
    private func refusal(_ body: () async throws -> Void) async throws -> String? {
        do {
            try await body()
            return nil
        } catch let error as RegistryError where error.code == .quotaExceeded {
            let sentence = error.message
            return sentence
        }
    }

    @Test("an owner has so many uploads that are not complete, and those that end or expire make room")
    func uploads() async throws {
        try await PublishFixture.run { fixture in
            let uploads = fixture.uploads(limit: 3)
            var begun: [StoredUpload] = []
            for number in 0..<3 {
                begun.append(try await begin("tool@1.0.\(number)/a", in: fixture, through: uploads))
            }
            let sentence = try await refusal { _ = try await begin("tool@2.0.0/a", in: fixture, through: uploads) }
            #expect(sentence?.contains("the maximum of 3 incomplete uploads") == true)
            #expect(sentence?.contains("limits.uploads") == true)
            try await fixture.expectRightRoom()
            _ = try await fixture.append(Self.bytes, to: begun[0], through: uploads)
            _ = try await begin("tool@2.0.0/a", in: fixture, through: uploads)
            try await uploads.drop(begun[1])
            _ = try await begin("tool@2.0.1/a", in: fixture, through: uploads)
            #expect(try await refusal { _ = try await begin("tool@3.0.0/a", in: fixture, through: uploads) } != nil)
            // What expired is swept by whoever needs its room.
            fixture.clock.advance(by: .seconds(25 * 3600))
            for number in 0..<3 { _ = try await begin("tool@4.0.\(number)/a", in: fixture, through: uploads) }
            #expect(try await refusal { _ = try await begin("tool@5.0.0/a", in: fixture, through: uploads) } != nil)
            try await fixture.expectRightRoom()
            #expect(try await fixture.usage().uploadCount == 3)
        }
    }

    @Test("of uploads that begin at the same moment no more are taken than there may be")
    func parallel() async throws {
        try await PublishFixture.run { fixture in
            var quotas = Quotas()
            quotas.total = Quota(size: 10_000, versionCount: 1000)
            let uploads = fixture.uploads(quotas: quotas, limit: 7)
            let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<24 {
                    group.addTask {
                        try await refusal {
                            _ = try await begin("tool@1.\(number % 3).0/f\(number)", in: fixture, through: uploads)
                        } == nil
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(taken == 7)
            #expect(try await fixture.usage().reservedSize == 70)
            try await fixture.expectRightRoom()
        }
    }

    @Test("an owner has so many drafts, and a file of one that is there is taken")
    func drafts() async throws {
        try await PublishFixture.run { fixture in
            for number in 0..<2 { try await fixture.draft(Self.bytes, as: "tool@1.0.\(number)/a", limit: 2) }
            let body = Body(Self.bytes)
            let request = try fixture.request("tool@2.0.0/a", size: 10, isDraft: true)
            let use = fixture.uploadFile(drafts: 2)
            let sentence = try await refusal { _ = try await use(request, from: body) }
            #expect(sentence?.contains("maximum of 2 drafts") == true && sentence?.contains("limits.drafts") == true)
            #expect(body.taken.value == 0)
            try await fixture.draft(Self.bytes, as: "tool@1.0.1/b", limit: 2)
            #expect(try await fixture.release("tool@1.0.0") == .published)
            try await fixture.draft(Self.bytes, as: "tool@2.0.0/a", limit: 2)
            // By the transaction, too: two come at the same moment.
            _ = try await fixture.release("tool@2.0.0")
            let taken = try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        try await refusal { try await fixture.draft([9], as: "tool@3.0.\(number)/a", limit: 2) } == nil
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(taken == 1)
            try await fixture.expectRightRoom()
        }
    }

    @Test("a version that several would make takes the room of one, until it is there")
    func versions() async throws {
        try await PublishFixture.run { fixture in
            var quotas = Quotas()
            quotas.owner = Quota(size: nil, versionCount: 2)
            let uploads = fixture.uploads(quotas: quotas)
            let one = try await begin("tool@1.0.0/a", in: fixture, through: uploads)
            let two = try await begin("tool@1.0.0/b", in: fixture, through: uploads)
            try await fixture.draft(Self.bytes, as: "tool@1.0.0/c", quotas: quotas)
            #expect(try await fixture.usage().reservedVersionCount == 1)
            try await uploads.drop(one)
            #expect(try await fixture.usage().reservedVersionCount == 1)
            try await fixture.publish([1], as: "tool@1.0.0/d")
            #expect(try await fixture.usage().reservedVersionCount == 0)
            try await fixture.expectRightRoom()
            _ = try await begin("tool@2.0.0/a", in: fixture, through: uploads)
            #expect(try await refusal { _ = try await begin("tool@3.0.0/a", in: fixture, through: uploads) } != nil)
            _ = try await fixture.append(Self.bytes, to: two, through: uploads)
            #expect(try await fixture.release("tool@1.0.0") == .published)
            try await fixture.expectRightRoom()
        }
    }

    @Test("a version that was published and deleted is counted again at its next use")
    func versionsThatCome() async throws {
        try await PublishFixture.run { fixture in
            let uploads = fixture.uploads()
            let upload = try await begin("tool@1.0.0/a", in: fixture, through: uploads)
            try await fixture.draft(Self.bytes, as: "tool@1.0.0/b")
            try await fixture.publish([1], as: "tool@1.0.0/c")
            #expect(try await fixture.usage().reservedVersionCount == 0)
            try await fixture.delete("tool@1.0.0/c")
            #expect(try await fixture.usage().reservedVersionCount == 0)
            // First by the draft that held it, then by an upload that did not.
            try await fixture.draft([2], as: "tool@1.0.0/b")
            #expect(try await fixture.usage().reservedVersionCount == 1)
            try await fixture.publish([1], as: "tool@1.0.0/c")
            try await fixture.delete("tool@1.0.0/c")
            let other = try await begin("tool@1.0.0/d", in: fixture, through: uploads)
            #expect(try await fixture.usage().reservedVersionCount == 1)
            try await fixture.expectRightRoom()
            try await uploads.drop(upload)
            try await uploads.drop(other)
            #expect(try await fixture.usage().reservedVersionCount == 1)
            #expect(try await fixture.release("tool@1.0.0") == .published)
            #expect(try await fixture.usage().reservedVersionCount == 0)
            try await fixture.expectRightCounts()
            #expect(try await fixture.count("SELECT COUNT(*) FROM reserved_version") == 0)
        }
    }

    @Test("the next start counts anew what is wrong")
    func recount() async throws {
        try await PublishFixture.run { fixture in
            let uploads = fixture.uploads()
            _ = try await begin("tool@1.0.0/a", in: fixture, through: uploads)
            _ = try await begin("tool@1.0.0/b", isDraft: true, in: fixture, through: uploads)
            try await fixture.draft(Self.bytes, as: "tool@2.0.0/a")
            let right = try await (fixture.usage(), fixture.totalUsage())
            let harms: [SQL] = [
                "UPDATE usage SET reserved_size = reserved_size + 7, upload_count = 40, draft_count = -2",
                "UPDATE usage SET reserved_version_count = 9 WHERE owner_id = 0",
                "DELETE FROM reserved_version",
                "UPDATE reserved_version SET holder_count = 5",
                "UPDATE draft SET new_version = NULL",
                "INSERT INTO reserved_version (version, owner_id, holder_count) SELECT 'x', MIN(id), 1 FROM owner",
            ]
            for harm in harms {
                _ = try await fixture.database.write { try $0.execute(harm) }
                _ = try await fixture.removeStaleUploads.run()
                try await fixture.expectRightRoom()
                #expect(try await fixture.usage() == right.0)
                #expect(try await fixture.totalUsage() == right.1)
            }
        }
    }

    @Test("whatever uploads and drafts do, the counts are those of what is there")
    func random() async throws {
        try await PublishFixture.run { fixture in
            let seed = UInt64.random(in: 0...UInt64.max)
            print("seed \(seed)")
            var random = SeededGenerator(seed: seed)
            var quotas = Quotas()
            quotas.owner = Quota(size: 500, versionCount: 12)
            quotas.total = Quota(size: 700, versionCount: 20)
            let uploads = fixture.uploads(quotas: quotas, limit: 6)
            var begun: [StoredUpload] = []
            for _ in 0..<120 {
                let path = "tool@1.\(Int.random(in: 0..<4, using: &random)).0/f\(Int.random(in: 0..<3, using: &random))"
                let byte = UInt8.random(in: 0..<3, using: &random)
                let bytes = [UInt8](repeating: byte, count: .random(in: 1..<60, using: &random))
                do {
                    switch Int.random(in: 0..<10, using: &random) {
                    case 0, 1:
                        let isDraft = Bool.random(using: &random)
                        let size = Bool.random(using: &random) ? bytes.count : nil
                        begun.append(try await begin(path, isDraft: isDraft, size: size, in: fixture, through: uploads))
                    case 2, 3:
                        guard let upload = begun.popLast() else { continue }
                        let size = upload.sizeInBytes.map { Int($0) }
                        let whole = [UInt8](repeating: 5, count: size ?? bytes.count)
                        let isLast = size == nil && Bool.random(using: &random)
                        let end = Int(upload.received) + whole.count
                        _ = try await fixture.append(whole, to: upload, stating: isLast ? end : nil, through: uploads)
                        if size == nil, !isLast { begun.append(try await uploads.find(upload.id)) }
                    case 4:
                        guard let upload = begun.popLast() else { continue }
                        try await uploads.drop(upload)
                    case 5, 6: try await fixture.draft(bytes, as: path, quotas: quotas)
                    case 7: _ = try await fixture.release(String(path.prefix { $0 != "/" }))
                    case 8:
                        _ = try await fixture.refusal(of: bytes, as: path, isAnnounced: false, quotas: quotas)
                    default: try await fixture.delete(path)
                    }
                } catch is RegistryError {
                    // There is no room, or something is there, or is not.
                }
                try await fixture.expectRightRoom()
            }
        }
    }

    @Test("what a publish asks does not depend on what is set aside")
    func cost() async throws {
        try await PublishFixture.run(on: [.embedded]) { fixture in
            var quotas = Quotas()
            quotas.total = Quota(size: 1 << 40, versionCount: 1 << 20)
            let recorder = RecordingDatabase(fixture.database)
            for number in 0..<40 {
                _ = try await begin("tool@1.0.\(number)/a", in: fixture, through: fixture.uploads(quotas: quotas))
            }
            let request = try fixture.request("other@1.0.0/a", announcedSize: 10)
            _ = try await fixture.uploadFile(database: recorder, quotas: quotas)(request, from: Body(Self.bytes))
            let statements = recorder.takeStatements()
            let sums = statements.filter { $0.contains("room_set_aside") || $0.contains("FROM reservation") }
            #expect(sums.allSatisfy { $0.contains("DELETE FROM reservation WHERE id = $1") }, "\(sums)")
            #expect(statements.count > 5)
        }
    }
}
