// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

extension PublishFixture {
    /// What alice has.
    func usage() async throws -> Usage { try await metadata.room.usage(of: .owner(owner.id)) }

    /// What all owners have together.
    func totalUsage() async throws -> Usage { try await metadata.room.usage(of: .total) }

    /// Sets limits of alice's own.
    func set(_ change: (inout OwnerSettingsChange) -> Void) async throws {
        var settings = OwnerSettingsChange()
        change(&settings)
        guard try await metadata.accounts.updateSettings(ofOwner: owner.id, settings) else {
            throw RegistryError.notFound("\(owner.name)")
        }
    }

    /// Publishes under quotas; the sentence of the refusal when they have no room.
    func refusal(
        of bytes: [UInt8],
        as path: String,
        isAnnounced: Bool = true,
        digest: Bool = false,
        quotas: Quotas
    ) async throws -> (sentence: String?, taken: Int) {
        let body = Body(bytes)
        let sha256 = try Digest.sha256(of: bytes).hex
        let request = try request(
            path,
            announcedSize: isAnnounced ? Int64(bytes.count) : nil,
            expected: digest ? [("x-checksum-sha256", sha256)] : []
        )
        do {
            _ = try await uploadFile(quotas: quotas)(request, from: body)
            return (nil, body.taken.value)
        } catch let error as RegistryError where error.code == .quotaExceeded {
            let sentence = error.message
            return (sentence, body.taken.value)
        }
    }

    /// Publishes many files at the same moment; how many were published, the others had no room.
    func race(
        _ paths: [String],
        quotas: Quotas,
        isAnnounced: Bool = true,
        bytes: @escaping @Sendable (Int) -> [UInt8]
    ) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for (number, path) in paths.enumerated() {
                group.addTask {
                    try await self.refusal(
                        of: bytes(number),
                        as: path,
                        isAnnounced: isAnnounced,
                        quotas: quotas
                    ).sentence == nil
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    /// Checks that what is counted as set aside is what is set aside.
    func expectRightRoom(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try await metadata.room.ownersWithWrongRoom() == [], sourceLocation: sourceLocation)
        #expect(try await metadata.checks.miscountedTotal(after: 0, limit: 10) == [], sourceLocation: sourceLocation)
        let wrong = try await count(
            """
            SELECT COUNT(*) FROM reserved_version WHERE holder_count <> (
                SELECT COUNT(*) FROM room_set_aside WHERE room_set_aside.new_version = reserved_version.version
            )
            """
        )
        #expect(wrong == 0, sourceLocation: sourceLocation)
    }

    /// Checks that every count is that of what is there, and that nothing is set aside.
    func expectRightCounts(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        #expect(try await metadata.checks.miscountedOwners(after: 0, limit: 10) == [], sourceLocation: sourceLocation)
        #expect(try await metadata.checks.miscountedTotal(after: 0, limit: 10) == [], sourceLocation: sourceLocation)
        #expect(try await count("SELECT COUNT(*) FROM reservation") == 0, sourceLocation: sourceLocation)
        try await expectRightRoom(sourceLocation: sourceLocation)
    }
}
