// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryTestSupport
import Testing

@testable import RegistryService

/// What is reserved is reserved as long as its upload lives, and no longer than until its file is published.
@Suite("Reserved room", .timeLimit(.minutes(15)))
struct ReservedRoomTests {
    private static let bytes = [UInt8](repeating: 3, count: 10)
    private static let nearlyLifetime = Duration.seconds(23 * 3600)

    enum Way: CaseIterable, Sendable {
        case put, upload, draft, draftUpload
    }

    private func begin(
        _ path: String,
        size: Int?,
        isDraft: Bool = false,
        in fixture: PublishFixture,
        through uploads: ResumableUploads
    ) async throws -> StoredUpload {
        let request = try fixture.request(path, size: size, isDraft: isDraft)
        return try await uploads.begin(request, sizeInBytes: size.map { Int64($0) })
    }

    @Test("each piece prolongs the upload and its room by a whole lifetime")
    func prolonged() async throws {
        try await PublishFixture.run { fixture in
            var quotas = Quotas()
            quotas.owner = Quota(size: 20, versionCount: 1)
            let uploads = fixture.uploads(quotas: quotas)
            let id = try await begin("tool@1.0.0/a", size: 10, in: fixture, through: uploads).id
            for byte in 0..<4 {
                fixture.clock.advance(by: Self.nearlyLifetime)
                let upload = try await uploads.find(id)
                #expect(try await fixture.append([3], to: upload, through: uploads) == .received(upTo: Int64(byte) + 1))
            }
            fixture.clock.advance(by: Self.nearlyLifetime)
            #expect(try await fixture.metadata.room.removeExpiredReservations() == 0)
            let usage = try await fixture.usage()
            #expect(usage.reservedSize == 10 && usage.reservedVersionCount == 1 && usage.uploadCount == 1)
            let refused = try await fixture.refusal(of: [1], as: "other@1.0.0/a", quotas: quotas)
            #expect(refused.sentence != nil, "the version is reserved")
            let rest = try await uploads.find(id)
            _ = try await fixture.append([UInt8](repeating: 3, count: 6), to: rest, through: uploads)
            #expect(try await fixture.content(of: "tool@1.0.0/a") == Self.bytes)
            try await fixture.expectRightCounts()
        }
    }

    @Test("an upload without further pieces releases its room when it expires")
    func expired() async throws {
        try await PublishFixture.run { fixture in
            var quotas = Quotas()
            quotas.owner = Quota(size: 20, versionCount: 1)
            let uploads = fixture.uploads(quotas: quotas)
            let upload = try await begin("tool@1.0.0/a", size: 10, in: fixture, through: uploads)
            fixture.clock.advance(by: Self.nearlyLifetime)
            _ = try await fixture.append([3], to: upload, through: uploads)
            fixture.clock.advance(by: .seconds(25 * 3600))
            #expect(try await fixture.usage().reservedSize == 0)
            #expect(try await fixture.refusal(of: [1], as: "other@1.0.0/a", quotas: quotas).sentence == nil)
        }
    }

    @Test(
        "a published version no longer counts as reserved: exactly the rest of the quota is free",
        arguments: Way.allCases
    )
    func published(_ way: Way) async throws {
        try await PublishFixture.run { fixture in
            var quotas = Quotas()
            quotas.owner = Quota(size: 21, versionCount: 2)
            quotas.total = Quota(size: 21, versionCount: 2)
            let uploads = fixture.uploads(quotas: quotas)
            switch way {
            case .put:
                #expect(try await fixture.refusal(of: Self.bytes, as: "tool@1.0.0/a", quotas: quotas).sentence == nil)
            case .draft: try await fixture.draft(Self.bytes, as: "tool@1.0.0/a", quotas: quotas)
            case .upload, .draftUpload:
                let upload = try await begin(
                    "tool@1.0.0/a",
                    size: 10,
                    isDraft: way == .draftUpload,
                    in: fixture,
                    through: uploads
                )
                _ = try await fixture.append(Self.bytes, to: upload, through: uploads)
            }
            if way == .draft || way == .draftUpload {
                let before = try await fixture.usage()
                #expect(before.reservedVersionCount == 1 && before.reservedSize == 10 && before.draftCount == 1)
                let releases = fixture.releases(quotas: quotas)
                #expect(try await fixture.release("tool@1.0.0", through: releases) == .published)
            }
            for usage in try await [fixture.usage(), fixture.totalUsage()] {
                #expect(usage.size == 10 && usage.versionCount == 1 && usage.fileCount == 1)
                #expect(usage.reservedSize == 0 && usage.reservedVersionCount == 0)
                #expect(usage.uploadCount == 0 && usage.draftCount == 0)
            }
            try await fixture.expectRightCounts()
            let other = [UInt8](repeating: 4, count: 11)
            #expect(try await fixture.refusal(of: other, as: "tool@2.0.0/a", quotas: quotas).sentence == nil)
            #expect(try await fixture.refusal(of: other, as: "tool@3.0.0/a", quotas: quotas).sentence != nil)
        }
    }
}
