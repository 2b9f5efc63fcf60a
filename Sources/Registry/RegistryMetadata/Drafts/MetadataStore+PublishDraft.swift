// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// A draft that is to become visible.
package struct DraftRelease: Sendable {
    package let version: VersionCoordinate
    package let owner: Int64
    package let creator: Int64
    /// The creator's credential to check again; nil if no check is needed.
    package let credential: Credential?
    /// The files that it must have, no more and no less; nil for whatever it has.
    package let expected: [FileName: Digest]?
    /// Whether its files may join a version that is published already.
    package let mayJoinVersion: Bool
    package let quotas: Quotas

    package init(
        version: VersionCoordinate,
        owner: Int64,
        creator: Int64,
        credential: Credential? = nil,
        expected: [FileName: Digest]?,
        mayJoinVersion: Bool,
        quotas: Quotas
    ) {
        self.version = version
        self.owner = owner
        self.creator = creator
        self.credential = credential
        self.expected = expected
        self.mayJoinVersion = mayJoinVersion
        self.quotas = quotas
    }
}

/// How the transaction that publishes a draft ended.
package enum DraftOutcome: Hashable, Sendable {
    /// All its files are visible, and the draft is gone.
    case published
    case noDraft
    /// The draft has other files than was said; nothing was changed.
    case differs([DraftFile])
    /// Something is there already in the place of a file; nothing was changed.
    case exists(Occupant, file: DraftFile)
    /// There is no room for it; nothing was changed.
    case overQuota(QuotaBreach)
    /// Who publishes may not any more; nothing was changed.
    case refused(PublishRefusal)

    var isFull: Bool {
        if case .overQuota = self { true } else { false }
    }
}

extension MetadataStore {
    /// Makes all files of a draft visible at once: the unique constraints decide who wins.
    ///
    /// Files that the version has already with the same content stay what they are.
    package func publishDraft(_ release: DraftRelease) async throws -> DraftOutcome {
        try await sweepingWhenFull(\.isFull) { try await tryToPublishDraft(release) }
    }

    private func tryToPublishDraft(_ release: DraftRelease) async throws -> DraftOutcome {
        try await writeUnlessRolledBack { connection, isRetry in
            let now = try connection.now()
            let publisher = Publisher(account: release.creator, credential: release.credential, owner: release.owner)
            if let refusal = try Self.refusal(of: publisher, now, connection) { return .refused(refusal) }
            guard let draft = try Self.lockDraft(of: release.version, owner: release.owner, connection) else {
                return .noDraft
            }
            let files = try Self.files(ofDraft: draft.id, connection)
            guard release.expected.map({ $0 == files.digests }) ?? true else { return .differs(files) }
            // The room that the draft has set aside becomes that of its files.
            let room = try Self.deleteDraft(draft.id, isPublished: true, connection)?.room ?? FreedRoom()
            // In one order, so that two publishers of the same content never wait for each other.
            let sorted = files.sorted { $0.blob < $1.blob }
            let (new, isNew) = try self.publish(
                sorted,
                as: draft.version,
                release,
                isRetry: isRetry,
                now,
                connection
            )
            // The files that the version has already may be deleted before this transaction ends.
            try Self.noteCandidates(Array(Set(files.map(\.blob)).subtracting(new.map(\.blob))), connection)
            do {
                try Self.charge(
                    new.map { ($0.blob, $0.sizeInBytes) },
                    of: draft.version,
                    isNew: isNew,
                    owner: release.owner,
                    freeing: room,
                    keeping: release.quotas,
                    connection
                )
            } catch let full as Rollback<QuotaBreach> {
                throw Rollback(DraftOutcome.overQuota(full.outcome))
            }
            try lookAgain(at: publisher, connection) { DraftOutcome.refused($0) }
            return .published
        }
    }

    /// Puts files into their version; returns those that it did not have, and whether the version is new.
    private func publish(
        _ files: [DraftFile],
        as version: VersionCoordinate,
        _ release: DraftRelease,
        isRetry: Bool,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> (new: [DraftFile], isNewVersion: Bool) {
        var new: [DraftFile] = []
        var place: (id: Int64, isNew: Bool)?
        for file in files {
            let wanted = NewFile(file, of: version, release)
            do {
                let version = try place ?? self.version(for: wanted, isRetry: isRetry, now, connection)
                place = version
                try Self.insertFile(wanted, version.id, file.blob, now, connection)
                new.append(file)
            } catch let conflict as AlreadyExists {
                guard release.mayJoinVersion, conflict.occupant.file?.blob.id == file.blob else {
                    throw Rollback(DraftOutcome.exists(conflict.occupant, file: file))
                }
            }
        }
        return (new, place?.isNew ?? false)
    }

    private func version(
        for file: NewFile,
        isRetry: Bool,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> (id: Int64, isNew: Bool) {
        if let joined = try versionToJoin(file, isRetry: isRetry, connection) { return (joined, false) }
        return (try Self.insertVersion(file, now, connection), true)
    }
}

extension NewFile {
    fileprivate init(_ file: DraftFile, of version: VersionCoordinate, _ release: DraftRelease) {
        self.init(
            coordinate: FileCoordinate(
                owner: version.owner,
                package: version.package,
                version: version.version,
                file: file.name
            ),
            owner: release.owner,
            creator: release.creator,
            sha256: file.sha256,
            sizeInBytes: file.sizeInBytes,
            key: file.key,
            healing: nil,
            mayJoinVersion: release.mayJoinVersion,
            quotas: release.quotas
        )
    }
}

extension [DraftFile] {
    /// What the files have, by their names.
    package var digests: [FileName: Digest] {
        Dictionary(uniqueKeysWithValues: map { ($0.name, $0.sha256) })
    }
}
