// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata
package import RegistryStorage

/// Publishes one file: checks what is known before the body, then stages, commits and records it.
package struct UploadFile: Sendable {
    private let publishing: PublishStore
    private let drafts: DraftStore
    private let blobIndex: BlobIndex
    private let removals: RemovalStore
    private let blobs: any BlobStore
    private let staging: UploadStaging
    private let limits: Limits
    private let room: UploadRoom

    package init(metadata: Metadata, blobs: any BlobStore, staging: UploadStaging, limits: Limits) {
        publishing = metadata.publishing
        drafts = metadata.drafts
        blobIndex = metadata.blobIndex
        removals = metadata.removals
        self.blobs = blobs
        self.staging = staging
        self.limits = limits
        room = UploadRoom(store: metadata.room, quotas: limits.quotas)
    }

    /// A request to publish a file, without the body.
    package struct Request: Sendable {
        package let file: FileCoordinate
        package let owner: Owner
        package let contract: PublishContract
        package let creator: Account
        /// The creator's credential to check again; nil if no check is needed.
        package let credential: Credential?
        /// The size of the body in bytes, when the client announced it.
        package let announcedSize: Int64?
        package let expected: ExpectedDigests
        /// The preconditions on the existing file, or on its absence.
        package let preconditions: Preconditions
        /// Whether the file is added to the draft of its version instead of being published.
        package let isDraft: Bool
        /// The resumable upload that these bytes complete, which holds their reservation.
        package let completing: UploadID?

        package init(
            file: FileCoordinate,
            owner: Owner,
            contract: PublishContract,
            creator: Account,
            credential: Credential? = nil,
            announcedSize: Int64?,
            expected: ExpectedDigests,
            preconditions: Preconditions = Preconditions(),
            isDraft: Bool = false,
            completing: UploadID? = nil
        ) {
            self.file = file
            self.owner = owner
            self.contract = contract
            self.creator = creator
            self.credential = credential
            self.announcedSize = announcedSize
            self.expected = expected
            self.preconditions = preconditions
            self.isDraft = isDraft
            self.completing = completing
        }
    }

    /// The result of a successful publish.
    package enum Outcome: Hashable, Sendable {
        case created(sha256: Digest)
        /// The same bytes were already published under this name.
        case unchanged(sha256: Digest)
    }

    /// Publishes the file; when this returns, it is durable, and visible or in its draft.
    package func callAsFunction<Body: AsyncSequence>(
        _ request: Request,
        from body: Body
    ) async throws -> Outcome where Body.Element == [UInt8] {
        let (occupant, own) = try await checkBeforeBody(request)
        return try await room.holding(request, occupant, own) { held in
            var room = held
            return try await staging.withStagedUpload(
                of: body,
                also: request.expected.algorithms,
                admit: { size in
                    try check(size, own, request)
                    try await room.admit(size)
                }
            ) { staged, digests in
                try Self.verify(digests, request.expected)
                if request.isDraft { try await checkPublished(request, staged.sha256) }
                return try await publish(staged, request, held.reservation)
            }
        }
    }

    /// Rejects a draft's file that a published file of the same name would reject, now that the content is known.
    private func checkPublished(_ request: Request, _ sha256: Digest) async throws {
        let (occupant, _) = try await publishing.prospect(of: request.file, owner: request.owner.id)
        if let refusal = request.refusal(by: occupant, sha256: sha256) { throw refusal }
    }

    /// Rejects what can be rejected without the body; returns the existing content and the owner's own limits.
    func checkBeforeBody(_ request: Request) async throws -> (occupant: Occupant, own: OwnerLimits) {
        try request.contract.check(request.file)
        let (occupant, own) = try await publishing.prospect(of: request.file, owner: request.owner.id)
        try check(request.announcedSize ?? 0, own, request)
        if let refusal = request.refusal(by: occupant, sha256: request.expected.digests[.sha256]) { throw refusal }
        if request.isDraft { try await checkDrafts(request) }
        try await staging.checkSpace(for: request.announcedSize ?? 0)
        return (occupant, own)
    }

    /// Returns the check that an upload of unknown size must pass before each size that it grows to.
    func admission(of upload: StoredUpload, _ request: Request) async throws -> (_ sizeInBytes: Int64) async throws ->
        Void
    {
        let (_, own) = try await publishing.prospect(of: request.file, owner: request.owner.id)
        var held = room.growing(upload, of: request, own, lifetime: limits.uploadLifetime)
        return { size in
            try check(size, own, request)
            try await held.admit(size)
        }
    }

    private func checkDrafts(_ request: Request) async throws {
        guard let limit = limits.drafts else { return }
        let version = request.file.versionCoordinate
        if try await drafts.hasNoRoom(forDraftOf: version, owner: request.owner.id, limit: limit) {
            throw RegistryError.tooManyDrafts(of: request.owner.name, limit: limit)
        }
    }

    private func check(_ size: Int64, _ own: OwnerLimits, _ request: Request) throws {
        guard let limit = own.fileSize.over(limits.fileSize), size > limit else { return }
        let remedy =
            own.fileSize == .standard
            ? "ask the administrator to raise limits.file-size"
            : "ask an administrator to raise the limit of \(request.owner.name)"
        throw RegistryError.tooLarge(
            "file too large: the limit is \(limit) bytes; publish a smaller file or \(remedy)"
        )
    }

    static func verify(_ digests: ContentDigests, _ expected: ExpectedDigests) throws {
        guard let stated = expected.mismatch(with: { digests[$0] }) else { return }
        let actual = digests[stated.algorithm].map { "\($0)" } ?? "unknown"
        throw RegistryError.digestMismatch(
            "digest mismatch: expected \(stated), received \(actual); nothing was stored, upload the file again"
        )
    }

    /// Commits staged content to the store under a unique key, then makes it visible in one transaction.
    private func publish(
        _ staged: StagedContent,
        _ request: Request,
        _ reservation: UploadID?
    ) async throws -> Outcome {
        let key = BlobKey(sha256: staged.sha256, upload: staged.upload)
        let healing = try await keyOfDamagedBlob(staged)
        do {
            try await blobs.commit(staged, as: key)
        } catch let error as BlobStoreError where error.code == .unavailable {
            // A second request to an unresponsive store would double the client's wait.
            try? await removals.noteRemoval(key)
            throw error
        } catch {
            await drop(key)
            throw error
        }
        let file = NewFile(
            coordinate: request.file,
            owner: request.owner.id,
            creator: request.creator.id,
            credential: request.credential,
            sha256: staged.sha256,
            sizeInBytes: staged.sizeInBytes,
            key: key,
            healing: healing,
            mayJoinVersion: request.contract.acceptsFurtherFiles,
            quotas: limits.quotas,
            reservation: reservation,
            completing: request.completing
        )
        switch try await record(file, isDraft: request.isDraft) {
        case .created(let usedKey):
            // Identical content already existed, so this copy is not needed.
            if usedKey != key { await drop(key) }
            return .created(sha256: staged.sha256)
        case .exists(let occupant):
            if try await !heals(healing, with: key) { await drop(key) }
            if let refusal = request.refusal(by: occupant, sha256: staged.sha256) { throw refusal }
            return .unchanged(sha256: staged.sha256)
        case .overQuota(let breach):
            if try await !heals(healing, with: key) { await drop(key) }
            throw RegistryError.quotaExceeded(breach.sentence(to: request.owner.name))
        case .tooManyDrafts(let limit):
            if try await !heals(healing, with: key) { await drop(key) }
            throw RegistryError.tooManyDrafts(of: request.owner.name, limit: limit)
        case .refused(let refusal):
            if try await !heals(healing, with: key) { await drop(key) }
            throw refusal.error(publishingTo: request.owner.name)
        }
    }

    /// Records the file; after an error with an unknown outcome, checks the database.
    private func record(_ file: NewFile, isDraft: Bool) async throws -> RecordOutcome {
        do {
            return isDraft
                ? try await drafts.recordDraftFile(file, lifetime: limits.draftLifetime, limit: limits.drafts)
                : try await publishing.recordUpload(file)
        } catch let error as SQLError where error.code == .unavailable {
            await drop(file.key)
            throw error
        } catch {
            guard let isRecorded = try? await blobIndex.hasBlob(file.key) else { throw UnresolvedPublish(cause: error) }
            if isRecorded { return .created(key: file.key) }
            // A pending commit may still succeed, so the next start decides.
            if let error = error as? SQLError, error.code == .outcomeUnknown { throw UnresolvedPublish(cause: error) }
            await drop(file.key)
            throw error
        }
    }

    /// Removes a copy that no blob uses; garbage collection removes it later if this fails.
    private func drop(_ key: BlobKey) async {
        do {
            try await blobs.remove(key)
        } catch {
            try? await removals.noteRemoval(key)
        }
    }

    /// Returns whether the copy replaced damaged content, although no new file needs it.
    private func heals(_ damaged: BlobKey?, with key: BlobKey) async throws -> Bool {
        guard let damaged else { return false }
        return try await blobIndex.heal(damaged, with: key)
    }

    /// Returns the key of the blob with the same digest whose content is missing or has the wrong size.
    private func keyOfDamagedBlob(_ staged: StagedContent) async throws -> BlobKey? {
        guard let blob = try await blobIndex.blob(sha256: staged.sha256, sizeInBytes: staged.sizeInBytes) else {
            return nil
        }
        return try await blobs.sizeInBytes(of: blob.key) == blob.sizeInBytes ? nil : blob.key
    }
}
