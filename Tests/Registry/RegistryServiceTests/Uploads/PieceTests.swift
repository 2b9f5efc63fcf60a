// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryTestSupport
import Testing

@testable import RegistryService

/// The number and the size of an upload's pieces.
@Suite("Pieces of uploads", .timeLimit(.minutes(15)))
struct PieceTests {
    /// The least number of bytes that are made durable at a time.
    private static let least: Int64 = 64 << 20

    private func piece(
        at offset: Int64,
        of size: Int64?,
        after partCount: Int64 = 0,
        announcing announced: Int64? = nil,
        digests: ExpectedDigests = ExpectedDigests(),
        statesSize: Bool = false
    ) throws -> ResumableUploads.Piece {
        let upload = StoredUpload(
            id: .random(),
            ownerID: 1,
            file: FileCoordinate(
                owner: try OwnerName("alice"),
                package: try PackageName("tool"),
                version: try PackageVersion("1.0.0"),
                file: try FileName("a.bin")
            ),
            isDraft: false,
            digests: ExpectedDigests(),
            sizeInBytes: size,
            received: offset,
            partCount: partCount,
            isComplete: false,
            createdAt: Timestamp(microseconds: 0),
            expiresAt: Timestamp(microseconds: 1)
        )
        return ResumableUploads.Piece(
            upload: upload,
            offset: offset,
            announcedSize: announced,
            digests: digests,
            statesSize: statesSize
        )
    }

    @Test(
        "after 10,000 pieces only the one that completes the file is taken",
        arguments: [
            (9_999, 1, true), (10_000, 90, true), (10_001, 90, true), (10_000, 89, false), (10_000, 1, false),
            (10_000, nil, false), (12_000, nil, false), (9_999, nil, true),
        ] as [(Int64, Int64?, Bool)]
    )
    func most(_ partCount: Int64, _ announced: Int64?, _ isTaken: Bool) throws {
        let piece = try piece(at: 10, of: 100, after: partCount, announcing: announced)
        if isTaken {
            try piece.check()
        } else {
            let error = #expect(throws: RegistryError.self) { try piece.check() }
            #expect(error?.message.contains("already has \(partCount)") == true)
        }
    }

    @Test("after 10,000 pieces of a file of unknown size none is taken")
    func mostOfUnknownSize() throws {
        try piece(at: 10, of: nil, after: 9_999, announcing: 90).check()
        let last = try piece(at: 10, of: nil, after: 10_000, announcing: 90)
        #expect(throws: RegistryError.self) { try last.check() }
    }

    @Test(
        "a piece may bring the missing bytes and no more",
        arguments: [(89, true), (90, true), (91, false)] as [(Int64, Bool)]
    )
    func length(_ size: Int64, _ isTaken: Bool) throws {
        let piece = try piece(at: 10, of: 100, announcing: size)
        if isTaken {
            try piece.check()
            try piece.check(size)
        } else {
            #expect(throws: RegistryError.self) { try piece.check() }
            #expect(throws: RegistryError.self) { try piece.check(size) }
        }
        try self.piece(at: 10, of: nil).check(.max)
    }

    @Test(
        "one request stores a file of any size in fewer than 10,000 pieces",
        arguments: [1, 1 << 26, 1 << 40, 1 << 50] as [Int64]
    )
    func steps(_ size: Int64) throws {
        let step = try piece(at: 0, of: size).step(atLeast: Self.least)
        #expect(step >= Self.least)
        #expect((size + step - 1) / step <= 5001)
    }

    @Test("steps of a file of unknown size grow with it, so that a tebibyte is stored in fewer than 10,000 pieces")
    func growingSteps() throws {
        var offset: Int64 = 0
        var count = 0
        var last: Int64 = 0
        while offset < 1 << 40 {
            let step = try piece(at: offset, of: nil).step(atLeast: Self.least)
            #expect(step >= max(last, Self.least))
            last = step
            offset += step
            count += 1
        }
        #expect(count < 10_000 && last > Self.least)
    }

    @Test("a piece with a digest is one step, however long it is")
    func withDigest() throws {
        let digests = try ExpectedDigests(fields: [("x-checksum-sha256", Digest.sha256(of: [1]).hex)])
        #expect(try piece(at: 0, of: 1 << 50, digests: digests).step(atLeast: Self.least) == .max)
    }
}
