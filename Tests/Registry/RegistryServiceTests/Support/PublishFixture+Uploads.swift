// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage

@testable import RegistryService

extension PublishFixture {
    /// The use case, over stores that a test may have put something in front of; a step is 1000 bytes.
    func uploads(
        database: (any SQLDatabase)? = nil,
        blobs: (any BlobStore)? = nil,
        quotas: Quotas = Quotas(),
        limit: Int64? = nil
    ) -> ResumableUploads {
        var limits = Limits()
        limits.quotas = quotas
        limits.uploads = limit
        return ResumableUploads(
            metadata: Metadata(database: database ?? self.database),
            blobs: blobs ?? self.blobs,
            staging: staging,
            uploadFile: uploadFile(database: database, blobs: blobs, quotas: quotas),
            limits: limits,
            step: 1000
        )
    }

    var releases: Releases { releases() }

    func releases(database: (any SQLDatabase)? = nil, quotas: Quotas = Quotas()) -> Releases {
        var limits = Limits()
        limits.quotas = quotas
        return Releases(metadata: Metadata(database: database ?? self.database), limits: limits)
    }

    /// A request for a file of an upload, or of a draft.
    func request(
        _ path: String,
        contract: PublishContract = .current,
        size: Int? = nil,
        sha256: Digest? = nil,
        isDraft: Bool
    ) throws -> UploadFile.Request {
        UploadFile.Request(
            file: try coordinate(path),
            owner: owner,
            contract: contract,
            creator: account,
            announcedSize: size.map { Int64($0) },
            expected: try ExpectedDigests(fields: sha256.map { [("x-checksum-sha256", $0.hex)] } ?? []),
            isDraft: isDraft
        )
    }

    /// Sends a piece of `package@version/file` to an upload, from an offset on, and with it the size of the whole if given.
    @discardableResult
    func append(
        _ bytes: [UInt8],
        to upload: StoredUpload,
        at offset: Int? = nil,
        stating size: Int? = nil,
        through uploads: ResumableUploads? = nil,
        failure: (any Error)? = nil,
        digests: [(name: String, value: String)] = [],
        gate: Gate? = nil
    ) async throws -> ResumableUploads.Outcome {
        var piece = ResumableUploads.Piece(
            upload: upload,
            offset: Int64(offset ?? Int(upload.offset)),
            announcedSize: nil,
            digests: try ExpectedDigests(fields: digests),
            statesSize: size != nil
        )
        let request = UploadFile.Request(
            file: upload.file,
            owner: owner,
            contract: .current,
            creator: account,
            announcedSize: size.map { Int64($0) } ?? upload.sizeInBytes,
            expected: upload.digests,
            isDraft: upload.isDraft
        )
        let uploads = uploads ?? self.uploads()
        guard let known = try await uploads.state(request, with: piece) else {
            return .elsewhere(try await uploads.find(upload.id).offset)
        }
        piece.upload = known
        return try await uploads.append(piece, request, from: Body(bytes, pieceSize: 100, failure: failure, gate: gate))
    }

    /// Puts bytes into a draft as `package@version/file`.
    func draft(
        _ bytes: [UInt8],
        as path: String,
        contract: PublishContract = .current,
        quotas: Quotas = Quotas(),
        limit: Int64? = nil
    ) async throws {
        let request = try request(path, contract: contract, size: bytes.count, isDraft: true)
        _ = try await uploadFile(quotas: quotas, drafts: limit)(request, from: Body(bytes))
    }

    /// Publishes the draft of `package@version`.
    func release(
        _ version: String,
        contract: PublishContract = .current,
        files: [FileName: Digest]? = nil,
        through releases: Releases? = nil
    ) async throws -> Releases.Outcome {
        try await (releases ?? self.releases).publish(
            Releases.Request(
                version: try coordinate(version + "/a").versionCoordinate,
                owner: owner,
                contract: contract,
                creator: account,
                files: files
            )
        )
    }
}
