// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

@Suite("Quotas", .timeLimit(.minutes(15)))
struct QuotaTests {
    private static let size = 1000

    /// Content of one size, another for each number.
    @Sendable private static func bytes(_ number: Int) -> [UInt8] {
        [UInt8](repeating: 1, count: size - 2) + [UInt8(number / 256), UInt8(number % 256)]
    }

    /// One quota for an owner, or for all.
    private static func quotas(_ quota: Quota, isTotal: Bool = false) -> Quotas {
        var quotas = Quotas()
        if isTotal { quotas.total = quota } else { quotas.owner = quota }
        return quotas
    }

    private static func succeeds(_ publish: () async throws -> UploadFile.Outcome) async -> Bool {
        (try? await publish()) != nil
    }

    @Test("of uploads at the same moment exactly as many are published as there is room for", arguments: [true, false])
    func sizeRace(isTotal: Bool) async throws {
        try await PublishFixture.run { fixture in
            let quotas = Self.quotas(Quota(size: Int64(Self.size) * 10 + 999), isTotal: isTotal)
            for isAnnounced in [true, false] {
                let paths = (0..<100).map { "tool-\($0 % 7)@1.\(isAnnounced).\($0)/a.bin" }
                let published = try await fixture.race(paths, quotas: quotas, isAnnounced: isAnnounced) {
                    Self.bytes(isAnnounced ? $0 : $0 + 1000)
                }
                #expect(published == 10, "announced: \(isAnnounced)")
                #expect(try await fixture.usage().size == 10_000)
                #expect(try await fixture.totalUsage().size == 10_000)
                try await fixture.expectRightCounts()
                for path in paths where try await fixture.record(of: path) != nil { try await fixture.delete(path) }
                #expect(try await fixture.usage() == Usage())
            }
            _ = try await fixture.collectGarbage.run()
            try await fixture.expectNothingLeftBehind()
        }
    }

    @Test("versions are counted alike, and files that join one version need room for one", arguments: [true, false])
    func versionRace(isTotal: Bool) async throws {
        try await PublishFixture.run { fixture in
            let quotas = Self.quotas(Quota(versionCount: 10), isTotal: isTotal)
            let versions = (0..<60).map { "tool@1.0.\($0)/a.bin" }
            #expect(try await fixture.race(versions, quotas: quotas, bytes: Self.bytes) == 10)
            #expect(try await fixture.usage().versionCount == 10)
            for path in versions where try await fixture.record(of: path) != nil {
                try await fixture.delete(path)
                break
            }
            let files = (0..<60).map { "other@2.0.0/\($0).bin" }
            #expect(try await fixture.race(files, quotas: quotas, bytes: Self.bytes) == 60)
            #expect(try await fixture.usage().versionCount == 10)
            #expect(try await fixture.usage().fileCount == 69)
            try await fixture.expectRightCounts()
        }
    }

    @Test("an upload that is announced is refused before its body, in a sentence with the limit and what is used")
    func beforeBody() async throws {
        try await PublishFixture.run { fixture in
            let quotas = Self.quotas(Quota(size: 2500, versionCount: 2))
            for number in 0..<2 { try await fixture.publish(Self.bytes(number), as: "tool@\(number).0.0/a.bin") }
            let size = try await fixture.refusal(of: Self.bytes(2), as: "tool@1.0.0/b.bin", quotas: quotas)
            #expect(size.taken == 0)
            #expect(
                size.sentence
                    == "quota exceeded: owner alice has 2000 of 2500 bytes, and a file of 1000 does not fit; nothing was "
                    + "stored: delete unneeded versions, drafts or unfinished uploads, or ask an administrator to raise the limit of "
                    + "alice"
            )
            let version = try await fixture.refusal(of: [1], as: "tool@3.0.0/a.bin", quotas: quotas)
            #expect(version.taken == 0)
            #expect(
                version.sentence?.hasPrefix("quota exceeded: owner alice has 2 of 2 versions; nothing was stored")
                    == true
            )
            let total = try await fixture.refusal(
                of: Self.bytes(3),
                as: "tool@1.0.0/c.bin",
                quotas: Self.quotas(Quota(size: 2999), isTotal: true)
            )
            #expect(total.sentence?.contains("the registry has 2000 of 2999 bytes") == true)
            #expect(total.sentence?.hasSuffix("raise limits.total-size") == true)
            try await fixture.expectRightCounts()
        }
    }

    @Test("what runs sees what has been set aside, and a broken upload gives it back", arguments: [true, false])
    func reservations(breaksOff: Bool) async throws {
        try await PublishFixture.run { fixture in
            let quotas = Self.quotas(Quota(size: 1500, versionCount: 1))
            let gate = Gate()
            let request = try fixture.request("tool@1.0.0/a.bin", announcedSize: 1000)
            let body = Body(Self.bytes(0), breaksOff: breaksOff, gate: gate)
            async let isPublished = Self.succeeds { try await fixture.uploadFile(quotas: quotas)(request, from: body) }
            await gate.waitForArrival()
            let usage = try await fixture.usage()
            #expect(usage.size == 0 && usage.reservedSize == 1000 && usage.reservedVersionCount == 1)
            let refused = try await fixture.refusal(of: Self.bytes(1), as: "tool@1.0.0/b.bin", quotas: quotas)
            #expect(refused.sentence?.contains("uploads in progress have reserved 1000") == true)
            #expect(refused.taken == 0)
            let other = try await fixture.refusal(of: [1], as: "tool@2.0.0/b.bin", quotas: quotas)
            #expect(other.sentence?.contains("1 versions, uploads in progress have reserved 1") == true)
            gate.open()
            let published = await isPublished
            #expect(published != breaksOff)
            #expect(try await fixture.usage().size == (breaksOff ? 0 : 1000))
            try await fixture.expectRightCounts()
        }
    }

    @Test("a body whose size was not announced is refused when it has come to the limit")
    func outgrown() async throws {
        try await PublishFixture.run { fixture in
            let quotas = Self.quotas(Quota(size: 3 << 20))
            let bytes = [UInt8](repeating: 5, count: 8 << 20)
            let refused = try await fixture.refusal(
                of: bytes,
                as: "tool@1.0.0/a.bin",
                isAnnounced: false,
                quotas: quotas
            )
            #expect(refused.sentence?.contains("0 of 3145728 bytes") == true)
            #expect(refused.taken == 49, "the piece behind the limit is the last one: \(refused.taken)")
            let fitting = [UInt8](repeating: 6, count: 3 << 20)
            let published = try await fixture.refusal(
                of: fitting,
                as: "tool@1.0.0/a.bin",
                isAnnounced: false,
                quotas: quotas
            )
            #expect(published.sentence == nil)
            let full = try await fixture.refusal(of: [1], as: "tool@2.0.0/a.bin", isAnnounced: false, quotas: quotas)
            #expect(full.taken == 0 && full.sentence != nil, "nothing is left")
            try await fixture.expectRightCounts()
        }
    }

    @Test("equal content of an owner counts once, until its last file is deleted")
    func duplicates() async throws {
        try await PublishFixture.run { fixture in
            let paths = (0..<20).map { "tool-\($0 % 3)@1.0.\($0)/a.bin" }
            let same = Self.bytes(0)
            #expect(try await fixture.race(paths, quotas: Quotas()) { _ in same } == 20)
            var usage = try await fixture.usage()
            #expect(usage.size == 1000 && usage.fileCount == 20 && usage.versionCount == 20)
            try await fixture.expectRightCounts()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for path in paths.dropLast() { group.addTask { try await fixture.delete(path) } }
                try await group.waitForAll()
            }
            usage = try await fixture.usage()
            #expect(usage.size == 1000 && usage.fileCount == 1 && usage.versionCount == 1)
            try await fixture.delete(paths[19])
            #expect(try await fixture.usage() == Usage())
            try await fixture.expectRightCounts()
        }
    }

    @Test("content that the owner has already needs no room when its digest is announced, else before the body")
    func announcedDuplicate() async throws {
        try await PublishFixture.run { fixture in
            let quotas = Self.quotas(Quota(size: 1000))
            let bytes = Self.bytes(0)
            #expect(try await fixture.refusal(of: bytes, as: "a@1.0.0/a.bin", quotas: quotas).sentence == nil)
            #expect(try await fixture.refusal(of: bytes, as: "b@1.0.0/a.bin", quotas: quotas).sentence != nil)
            let known = try await fixture.refusal(of: bytes, as: "b@1.0.0/a.bin", digest: true, quotas: quotas)
            #expect(known.sentence == nil)
            let other = try await fixture.refusal(of: Self.bytes(1), as: "c@1.0.0/a.bin", digest: true, quotas: quotas)
            #expect(other.sentence != nil)
            #expect(try await fixture.usage().size == 1000)
        }
    }

    @Test("a retry of what is published needs no room, and other bytes for it are a conflict")
    func retry() async throws {
        try await PublishFixture.run { fixture in
            let quotas = Self.quotas(Quota(size: 1000, versionCount: 1))
            let upload = fixture.uploadFile(quotas: quotas)
            let request = try fixture.request("a@1.0.0/a.bin", announcedSize: 1000)
            let sha256 = try Digest.sha256(of: Self.bytes(0))
            #expect(try await upload(request, from: Body(Self.bytes(0))) == .created(sha256: sha256))
            #expect(try await upload(request, from: Body(Self.bytes(0))) == .unchanged(sha256: sha256))
            let error = await #expect(throws: RegistryError.self) {
                try await upload(request, from: Body(Self.bytes(1)))
            }
            guard error?.code == .alreadyExists else {
                Issue.record("\(String(describing: error))")
                return
            }
            try await fixture.expectRightCounts()
        }
    }

    @Test("an owner's own limit is stronger than the registry's, in both directions and as none")
    func overrides() async throws {
        try await PublishFixture.run { fixture in
            let quotas = Self.quotas(Quota(size: 1000, versionCount: 1))
            #expect(try await fixture.refusal(of: Self.bytes(0), as: "a@1.0.0/a.bin", quotas: quotas).sentence == nil)
            #expect(try await fixture.refusal(of: Self.bytes(1), as: "a@2.0.0/a.bin", quotas: quotas).sentence != nil)
            try await fixture.set { ($0.totalSize, $0.versionCount) = (.at(2000), .at(2)) }
            #expect(try await fixture.refusal(of: Self.bytes(1), as: "a@2.0.0/a.bin", quotas: quotas).sentence == nil)
            #expect(try await fixture.refusal(of: Self.bytes(2), as: "a@3.0.0/a.bin", quotas: quotas).sentence != nil)
            try await fixture.set { ($0.totalSize, $0.versionCount) = (.unlimited, .unlimited) }
            #expect(try await fixture.refusal(of: Self.bytes(2), as: "a@3.0.0/a.bin", quotas: quotas).sentence == nil)

            // What is there stays; nothing is added before there is room again.
            try await fixture.set { $0.totalSize = .at(2500) }
            #expect(try await fixture.refusal(of: [1], as: "a@4.0.0/a.bin", quotas: Quotas()).sentence != nil)
            #expect(try await fixture.content(of: "a@1.0.0/a.bin") == Self.bytes(0))
            try await fixture.delete("a@1.0.0/a.bin")
            #expect(try await fixture.refusal(of: [1], as: "a@4.0.0/a.bin", quotas: Quotas()).sentence == nil)
            try await fixture.set { ($0.totalSize, $0.versionCount) = (.standard, .standard) }
            #expect(try await fixture.refusal(of: [2], as: "a@5.0.0/a.bin", quotas: quotas).sentence != nil)
        }
    }

    @Test("an owner's own limit of a file's size is stronger than the registry's")
    func fileSize() async throws {
        try await PublishFixture.run { fixture in
            func publish(_ version: String, isAnnounced: Bool) async throws {
                let request = try fixture.request(
                    "tool@\(version)/a.bin",
                    announcedSize: isAnnounced ? 1000 : nil
                )
                _ = try await fixture.uploadFile(limit: 999)(request, from: Body(Self.bytes(0)))
            }
            for isAnnounced in [true, false] {
                try await fixture.set { $0.fileSize = .standard }
                await #expect(throws: RegistryError.self) { try await publish("1.0.0", isAnnounced: isAnnounced) }
                try await fixture.set { $0.fileSize = .at(1000) }
                try await publish("1.\(isAnnounced).0", isAnnounced: isAnnounced)
                try await fixture.set { $0.fileSize = .unlimited }
                try await publish("2.\(isAnnounced).0", isAnnounced: isAnnounced)
                try await fixture.set { $0.fileSize = .at(10) }
                let error = await #expect(throws: RegistryError.self) {
                    try await publish("3.\(isAnnounced).0", isAnnounced: isAnnounced)
                }
                guard let sentence = error?.message, error?.code == .tooLarge else {
                    Issue.record("\(String(describing: error))")
                    return
                }
                #expect(sentence.contains("the limit is 10 bytes") && sentence.contains("the limit of alice"))
            }
        }
    }

    @Test("a body that is announced with an impossible size is refused")
    func impossibleSize() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.set { $0.fileSize = .unlimited }
            for quotas in [Quotas(), Self.quotas(Quota(size: 1000)), Self.quotas(Quota(versionCount: 5))] {
                let body = Body([1])
                let request = try fixture.request("tool@1.0.0/a.bin", announcedSize: .max)
                await #expect(throws: RegistryError.self) {
                    try await fixture.uploadFile(quotas: quotas)(request, from: body)
                }
                #expect(body.taken.value == 0)
            }
            try await fixture.expectRightCounts()
        }
    }

    @Test("a publish costs one write without a quota, and two with one")
    func cost() async throws {
        try await PublishFixture.run { fixture in
            for (quotas, writes) in [(Quotas(), 1), (Self.quotas(Quota(size: 1 << 30)), 2)] {
                let steps = Steps(at: -1, .fail(CancellationError()))
                let database = fixture.stepped(steps).database
                let upload = fixture.uploadFile(database: database, quotas: quotas)
                _ = try await upload(fixture.request("tool@1.0.\(writes)/a.bin", announcedSize: 1), from: Body([1]))
                #expect(steps.log.count { $0 == "before write" } == writes)
            }
        }
    }

    @Test("what an upload that died has set aside runs out by the database's clock, and is removed")
    func expiry() async throws {
        try await PublishFixture.run { fixture in
            let quotas = Self.quotas(Quota(size: 1000))
            let lost = NewReservation(id: .random(), owner: fixture.owner.id, size: 900, sha256: nil, newVersion: nil)
            #expect(try await fixture.metadata.room.reserve(lost, keeping: quotas) == .reserved(upTo: 900))
            fixture.clock.advance(by: RoomStore.reservationLifetime - .seconds(1))
            try await fixture.metadata.room.prolong(lost.id)
            fixture.clock.advance(by: RoomStore.reservationLifetime - .seconds(1))
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.usage().reservedSize == 900)
            #expect(try await fixture.refusal(of: Self.bytes(0), as: "a@1.0.0/a.bin", quotas: quotas).sentence != nil)
            fixture.clock.advance(by: .seconds(1))
            #expect(try await fixture.usage().reservedSize == 0)
            #expect(try await fixture.refusal(of: Self.bytes(0), as: "a@1.0.0/a.bin", quotas: quotas).sentence == nil)
            // It was swept by the one who needed its room.
            #expect(try await fixture.count("SELECT COUNT(*) FROM reservation") == 0)
            #expect(try await fixture.metadata.room.reserve(lost, keeping: Quotas()) == .reserved(upTo: 900))
            fixture.clock.advance(by: .seconds(60))
            _ = try await fixture.collectGarbage.run()
            #expect(try await fixture.count("SELECT COUNT(*) FROM reservation") == 0)
        }
    }

    @Test("a reservation is prolonged while its upload runs, whatever it waits for")
    func prolonged() async throws {
        try await PublishFixture.run { fixture in
            let room = UploadRoom(
                store: fixture.metadata.room,
                quotas: Self.quotas(Quota(size: 1000)),
                pause: .milliseconds(1)
            )
            let request = try fixture.request("a@1.0.0/a.bin", announcedSize: 900)
            let nothing = Occupant(hasVersion: false, file: nil)
            _ = try await room.holding(request, nothing, OwnerLimits()) { _ in
                for _ in 0..<3 {
                    let before = try await fixture.count("SELECT expires_at FROM reservation")
                    fixture.clock.advance(by: RoomStore.reservationLifetime - .seconds(1))
                    while try await fixture.count("SELECT expires_at FROM reservation") == before {
                        try Task.checkCancellation()
                    }
                }
                #expect(try await fixture.usage().reservedSize == 900)
                return .unchanged(sha256: try Digest.sha256(of: []))
            }
            try await fixture.expectRightCounts()
        }
    }

    @Test("the next start of the only process on a database gives free what uploads had set aside")
    func restart() async throws {
        try await PublishFixture.run(on: [.embedded]) { fixture in
            let lost = NewReservation(id: .random(), owner: fixture.owner.id, size: 900, sha256: nil, newVersion: nil)
            _ = try await fixture.metadata.room.reserve(lost, keeping: Self.quotas(Quota(size: 1000)))
            _ = try await fixture.removeStaleUploads.run()
            #expect(try await fixture.count("SELECT COUNT(*) FROM reservation") == 0)
        }
    }

    @Test("an upload takes no more than it has reserved when others have the rest")
    func promises() async throws {
        try await PublishFixture.run { fixture in
            let quotas = Self.quotas(Quota(size: 1500))
            let owner = fixture.owner.id
            let promised = NewReservation(id: .random(), owner: owner, size: 1000, sha256: nil, newVersion: nil)
            let gate = Gate()
            let upload = fixture.uploadFile(quotas: quotas)
            let request = try fixture.request("a@1.0.0/a.bin")
            async let isPublished = Self.succeeds { try await upload(request, from: Body(Self.bytes(0), gate: gate)) }
            await gate.waitForArrival()
            #expect(try await fixture.metadata.room.reserve(promised, keeping: quotas) == .reserved(upTo: 1000))
            gate.open()
            let published = await isPublished
            #expect(!published)
            try await fixture.metadata.room.releaseReservation(promised.id)
            #expect(try await fixture.usage() == Usage())
            try await fixture.expectRightCounts()
        }
    }
}
