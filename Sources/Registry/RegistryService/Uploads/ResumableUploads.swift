// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata
package import RegistryStorage

/// Receives files in pieces that are durable once received, so that any node can resume the upload.
///
/// Each piece is stored as a blob until the last one is received. The pieces are then combined and published like any
/// other file.
package struct ResumableUploads: Sendable {
    let uploads: UploadStore
    let removals: RemovalStore
    let blobs: any BlobStore
    let staging: UploadStaging
    private let uploadFile: UploadFile
    let limits: Limits
    /// The number of bytes to receive before they are made durable, and thus the most that a crash loses.
    let step: Int64

    package init(
        metadata: Metadata,
        blobs: any BlobStore,
        staging: UploadStaging,
        uploadFile: UploadFile,
        limits: Limits,
        step: Int64 = 64 << 20
    ) {
        uploads = metadata.uploads
        removals = metadata.removals
        self.blobs = blobs
        self.staging = staging
        self.uploadFile = uploadFile
        self.limits = limits
        self.step = step
    }

    /// Begins an upload whose size is known or stated later, after all checks that do not need the bytes.
    package func begin(_ request: UploadFile.Request, sizeInBytes: Int64?) async throws -> StoredUpload {
        let (occupant, _) = try await uploadFile.checkBeforeBody(request)
        let new = NewUpload(
            id: .random(),
            file: request.file,
            owner: request.owner.id,
            isDraft: request.isDraft,
            sizeInBytes: sizeInBytes,
            digests: request.expected,
            newVersion: occupant.hasVersion ? nil : request.file.versionCoordinate
        )
        let begun = try await uploads.beginUpload(
            new,
            lifetime: limits.uploadLifetime,
            keeping: limits.quotas,
            limit: limits.uploads
        )
        try begun.refuse(to: request.owner.name)
        let upload = try await find(new.id)
        // An empty upload is complete: no request with bytes follows.
        if sizeInBytes == 0 { _ = try await publish(upload, request.completing(upload)) }
        return try await find(new.id)
    }

    /// Looks up an upload by its identifier.
    package func find(_ id: UploadID) async throws -> StoredUpload {
        guard let upload = try await uploads.upload(id) else { throw Self.unknown }
        return upload
    }

    /// The maximum size of a file, in bytes.
    package var largestFile: Int64 { limits.fileSize }

    /// Returns a page of an owner's incomplete uploads, after a given one.
    package func list(of owner: Owner, after id: UploadID?, limit: Int) async throws -> [StoredUpload] {
        try await uploads.uploads(owner: owner.id, after: id, limit: limit)
    }

    /// Records what a piece states about the whole file: its size, unless that is known, and further digests.
    ///
    /// Returns the updated upload; nil if another request has advanced it, or if the piece has the wrong offset.
    package func state(_ request: UploadFile.Request, with piece: Piece) async throws -> StoredUpload? {
        let upload = piece.upload
        if let known = upload.sizeInBytes, let stated = request.announcedSize, stated != known {
            throw RegistryError.invalid(
                "Upload-Length mismatch: the file of this upload has \(known) bytes; send this Upload-Length, or none"
            )
        }
        let size = upload.sizeInBytes == nil ? request.announcedSize : nil
        guard size != nil || request.expected != upload.digests else { return upload }
        guard piece.begins(at: upload) else { return nil }
        if let size, size < piece.end {
            throw RegistryError.invalid(
                "Upload-Length too small: \(size) is less than the \(piece.end) bytes of the upload with this piece; send the "
                    + "size of the whole file"
            )
        }
        if size != nil { _ = try await uploadFile.checkBeforeBody(request) }
        let outcome = try await uploads.state(
            size,
            digests: request.expected,
            of: upload,
            lifetime: limits.uploadLifetime,
            keeping: limits.quotas
        )
        try outcome?.refuse(to: request.owner.name)
        return outcome == nil ? nil : try await find(upload.id)
    }

    /// Deletes an upload with all bytes received.
    package func drop(_ upload: StoredUpload) async throws {
        try await uploads.dropUpload(upload.id)
    }

    /// The result of a successful request with a piece.
    package enum Outcome: Hashable, Sendable {
        /// The piece was received, and more bytes are missing.
        case received(upTo: Int64)
        /// All bytes were received, and the file is published or in its draft.
        case complete(UploadFile.Outcome?)
        /// The piece does not start at the upload's offset; nothing was received.
        case elsewhere(Int64)
    }

    /// Receives a piece of an upload, and publishes the file after the last byte.
    package func append<Body: AsyncSequence>(
        _ piece: Piece,
        _ request: UploadFile.Request,
        from body: Body
    ) async throws -> Outcome where Body.Element == [UInt8] {
        let upload = piece.upload
        guard piece.begins(at: upload) else { return .elsewhere(upload.offset) }
        if upload.isComplete { return .complete(nil) }
        try piece.check()
        try await staging.checkSpace(for: min(piece.announcedSize ?? 0, piece.step(atLeast: step)))
        let writer = UploadID.random()
        guard try await uploads.claimUpload(upload.id, writer: writer, at: upload.received) else {
            let now = try await find(upload.id)
            // Another request already completed what this piece asks for.
            let wasCompleted = now.isComplete && upload.received == upload.sizeInBytes
            return wasCompleted ? .complete(nil) : .elsewhere(now.offset)
        }
        // An earlier request may have received all bytes but failed to publish them.
        if upload.received != upload.sizeInBytes {
            do {
                let received = try await receive(piece, request, as: writer, from: body)
                guard received == upload.sizeInBytes else { return .received(upTo: received) }
            } catch is Overtaken {
                return .elsewhere(try await find(upload.id).offset)
            }
        }
        return .complete(try await publish(upload, request.completing(upload)))
    }

    /// Receives the bytes of a piece; an upload of unknown size then reserves exactly the bytes that it keeps.
    private func receive<Body: AsyncSequence>(
        _ piece: Piece,
        _ request: UploadFile.Request,
        as writer: UploadID,
        from body: Body
    ) async throws -> Int64 where Body.Element == [UInt8] {
        guard piece.upload.sizeInBytes == nil else { return try await receive(piece, as: writer, from: body) { _ in } }
        let admit = try await uploadFile.admission(of: piece.upload, request)
        do {
            let received = try await receive(piece, as: writer, from: body, admit: admit)
            await giveBackRoom(of: piece.upload, writer: writer)
            return received
        } catch {
            await giveBackRoom(of: piece.upload, writer: writer)
            throw error
        }
    }

    /// Releases unused reservations; if this fails, the next piece releases them.
    private func giveBackRoom(of upload: StoredUpload, writer: UploadID) async {
        try? await uploads.giveBackRoom(
            ofUpload: upload.id,
            writer: writer,
            lifetime: limits.uploadLifetime,
            keeping: limits.quotas
        )
    }

    /// Publishes the received bytes; returns nil if another request already did.
    private func publish(_ upload: StoredUpload, _ request: UploadFile.Request) async throws -> UploadFile.Outcome? {
        do {
            let parts = try await uploads.parts(of: upload.id)
            guard parts.reduce(0, { $0 + $1.sizeInBytes }) == upload.sizeInBytes else { throw Self.unknown }
            // A stated digest of the whole file is verified anyway.
            let isCompared = request.expected.digests[.sha256] != nil
            let all = UploadParts(parts: parts, blobs: blobs, areVerified: !isCompared)
            let outcome = try await uploadFile(request, from: all)
            if case .unchanged = outcome { try await uploads.completeUpload(upload.id) }
            return outcome
        } catch {
            if let now = try? await uploads.upload(upload.id), now.isComplete { return nil }
            // A retry cannot help, because the received bytes are not the client's file.
            if (error as? RegistryError)?.code == .digestMismatch { try await uploads.dropUpload(upload.id) }
            throw Self.isFull(error) ? Self.noRoomToCombine : error
        }
    }

    /// Returns whether an error means that the disk or the store is full.
    private static func isFull(_ error: any Error) -> Bool {
        if (error as? RegistryError)?.code == .insufficientStorage { return true }
        return (error as? BlobStoreError)?.code == .full
    }

    private static let noRoomToCombine = RegistryError.insufficientStorage(
        "insufficient storage: the registry cannot combine the pieces of the upload; all bytes are kept, ask the "
            + "administrator to free space, then send the last byte again"
    )

    /// The error for an upload that does not exist or that the caller may not know about.
    package static let unknown = RegistryError.notFound(
        "unknown or expired upload: start a new one"
    )
}

/// The error when another request has taken over the upload.
struct Overtaken: Error {}

extension UploadFile.Request {
    /// Returns the request that completes an upload.
    fileprivate func completing(_ upload: StoredUpload) -> UploadFile.Request {
        UploadFile.Request(
            file: file,
            owner: owner,
            contract: contract,
            creator: creator,
            credential: credential,
            announcedSize: upload.sizeInBytes,
            expected: expected,
            preconditions: preconditions,
            isDraft: isDraft,
            completing: upload.id
        )
    }
}
