// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata

/// Drafts, and their atomic publication as versions.
package struct Releases: Sendable {
    private let drafts: DraftStore
    private let packages: PackageStore
    private let limits: Limits

    package init(metadata: Metadata, limits: Limits) {
        drafts = metadata.drafts
        packages = metadata.packages
        self.limits = limits
    }

    /// A request to publish a draft.
    package struct Request: Sendable {
        package let version: VersionCoordinate
        package let owner: Owner
        package let contract: PublishContract
        package let creator: Account
        /// The creator's credential to check again; nil if no check is needed.
        package let credential: Credential?
        /// The exact files that the draft must have; nil to accept any.
        package let files: [FileName: Digest]?

        package init(
            version: VersionCoordinate,
            owner: Owner,
            contract: PublishContract,
            creator: Account,
            credential: Credential? = nil,
            files: [FileName: Digest]?
        ) {
            self.version = version
            self.owner = owner
            self.contract = contract
            self.creator = creator
            self.credential = credential
            self.files = files
        }
    }

    /// The result of a successful publication.
    package enum Outcome: Hashable, Sendable {
        case published
        /// The version was already published with exactly the expected files.
        case unchanged
    }

    /// Publishes a draft atomically; when this returns, all its files are visible.
    package func publish(_ request: Request) async throws -> Outcome {
        let release = DraftRelease(
            version: request.version,
            owner: request.owner.id,
            creator: request.creator.id,
            credential: request.credential,
            expected: request.files,
            mayJoinVersion: request.contract.acceptsFurtherFiles,
            quotas: limits.quotas
        )
        // The contract may have changed since the files were uploaded.
        for file in try await drafts.draft(of: request.version, owner: request.owner.id)?.files ?? [] {
            try request.contract.check(request.version.file(file.name))
        }
        switch try await drafts.publishDraft(release) {
        case .published: return .published
        case .noDraft: return try await explainMissing(request)
        case .differs(let files): throw Self.difference(of: files.digests, from: request.files ?? [:])
        case .exists(let occupant, let file):
            throw request.refusal(by: occupant, file) ?? Self.unavailable
        case .overQuota(let breach): throw RegistryError.quotaExceeded(breach.sentence(to: request.owner.name))
        case .refused(let refusal): throw refusal.error(publishingTo: request.owner.name)
        }
    }

    /// Returns the draft of a version with its files.
    package func draft(
        of version: VersionCoordinate,
        owner: Owner
    ) async throws -> (draft: StoredDraft, files: FilePages<DraftFile>) {
        guard let found = try await drafts.draft(of: version, owner: owner.id, limit: filesPerPage) else {
            throw Self.noDraft(version)
        }
        return (found.draft, FilePages(found.files, of: found.draft, drafts))
    }

    /// Returns a page of an owner's drafts, oldest first.
    package func drafts(of owner: Owner, after id: Int64?, limit: Int) async throws -> [StoredDraft] {
        try await drafts.drafts(owner: owner.id, after: id, limit: limit)
    }

    /// Deletes the draft of a version with all its files.
    package func drop(_ version: VersionCoordinate, owner: Owner) async throws {
        guard try await drafts.deleteDraft(of: version, owner: owner.id) else { throw Self.noDraft(version) }
    }

    /// Removes a file from a draft; removing the last file also deletes the draft.
    package func remove(_ file: FileCoordinate, owner: Owner) async throws {
        guard try await drafts.deleteDraftFile(file, owner: owner.id) else {
            throw RegistryError.notFound(
                "the draft of \(file.versionCoordinate) has no file \(file.file): nothing was changed"
            )
        }
    }

    /// Determines whether a draft is missing because it was already published.
    private func explainMissing(_ request: Request) async throws -> Outcome {
        let version = request.version
        guard let found = try await packages.versionWithFiles(version, owner: request.owner.id) else {
            throw Self.noDraft(version)
        }
        let published = Dictionary(uniqueKeysWithValues: found.files.map { ($0.name, $0.blob.sha256) })
        if let files = request.files, files == published { return .unchanged }
        let message =
            "version \(version) is already published and has no draft: nothing was changed; publish a new version"
        throw request.contract.reportsExistingAsConflict
            ? RegistryError.alreadyExists(message) : RegistryError.versionExists(message)
    }

    private static func noDraft(_ version: VersionCoordinate) -> RegistryError {
        .notFound("version \(version) has no draft: nothing was changed; upload its files to a draft first")
    }

    /// The error when the conflicting file or version was deleted before it could be reported.
    private static let unavailable = RegistryError.unavailable("the version was changed concurrently: try again")

    /// Returns the error for a draft whose files differ from the expected ones.
    private static func difference(of files: [FileName: Digest], from named: [FileName: Digest]) -> RegistryError {
        let missing = named.keys.filter { files[$0] == nil }
        let unnamed = files.keys.filter { named[$0] == nil }
        let changed = files.filter { named[$0.key] != nil && named[$0.key] != $0.value }.keys
        let parts = [("missing", missing), ("not named", unnamed), ("with different content", Array(changed))]
            .filter { !$0.1.isEmpty }
            .map { "\($0.0): \($0.1.map(\.text).sorted().joined(separator: ", "))" }
        return .alreadyExists(
            "the draft does not match the request (\(parts.joined(separator: "; "))): nothing was published; upload "
                + "missing files, remove extra ones, then publish again"
        )
    }
}

extension Releases.Request {
    /// Returns the error if an existing file or version prevents publishing a file.
    fileprivate func refusal(by occupant: Occupant, _ file: DraftFile) -> RegistryError? {
        UploadFile.Request(
            file: version.file(file.name),
            owner: owner,
            contract: contract,
            creator: creator,
            announcedSize: nil,
            expected: ExpectedDigests()
        ).refusal(by: occupant, sha256: file.sha256)
    }
}

extension VersionCoordinate {
    fileprivate func file(_ name: FileName) -> FileCoordinate {
        FileCoordinate(owner: owner, package: package, version: version, file: name)
    }
}
