// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// Drafts: versions that become visible with all their files at once.
package struct DraftStore: Sendable {
    let database: MetadataDatabase

    /// Puts a file into the draft of its version, which is created if there is none; another file of that name is replaced.
    ///
    /// `limit` is the number of drafts that the owner may have.
    package func recordDraftFile(
        _ file: NewFile,
        lifetime: Duration,
        limit: Int64? = nil
    ) async throws -> RecordOutcome {
        try await database.sweepingWhenFull(\.isFull) {
            try await database.write { tx in
                try tx.owners.keep(file.owner)
                let now = try tx.now
                if let refusal = try tx.refusal(of: file.publisher, now) { return .refused(refusal) }
                let (draft, isNew) = try tx.drafts.findOrInsert(for: file, until: now.adding(lifetime), now)
                var change = UsageChange(draftCount: isNew ? 1 : 0)
                let blob = try tx.blobs.findOrInsert(file, now)
                try tx.drafts.put(file, intoDraft: draft, blob.id, now)
                change += try tx.drafts.measure(draft)
                change += try tx.reservedVersions.release(tx.reservations.take(for: file))
                change += try tx.drafts.holdVersion(of: file, forDraft: draft)
                try tx.usage.countDraft(change, for: file, limit: limit)
                try tx.lookAgain(at: file.publisher) { RecordOutcome.refused($0) }
                return .created(key: blob.key)
            }
        }
    }

    /// Returns whether an owner has no draft of a version and as many others as it may have.
    package func hasNoRoom(forDraftOf version: VersionCoordinate, owner: Int64, limit: Int64?) async throws -> Bool {
        guard let limit else { return false }
        return try await database.sweepingWhenFull({ $0 }) {
            try await database.read { tx in
                guard try tx.usage.sum(of: .owner(owner)).draftCount >= limit else { return false }
                return try !tx.exists(
                    "SELECT 1 FROM draft WHERE owner_id = $1 AND lower_package = $2 AND lower_version = $3",
                    [.integer(owner), .text(version.package.folded), .text(version.version.folded)]
                )
            }
        }
    }

    /// Finds the draft of a version with its first `limit` files in the order of their names.
    package func draft(
        of version: VersionCoordinate,
        owner: Int64,
        limit: Int = .max
    ) async throws -> (draft: StoredDraft, files: [DraftFile])? {
        try await database.read { tx in
            let draft: StoredDraft? = try tx.first(
                """
                SELECT \(StoredDraft.columns) FROM \(StoredDraft.source)
                WHERE draft.owner_id = $1 AND draft.lower_package = $2 AND draft.lower_version = $3
                """,
                [.integer(owner), .text(version.package.folded), .text(version.version.folded)]
            )
            return try draft.map { ($0, try tx.drafts.files(ofDraft: $0.id, limit: limit)) }
        }
    }

    /// Lists some of an owner's drafts, the oldest first, after one.
    package func drafts(owner: Int64, after id: Int64?, limit: Int) async throws -> [StoredDraft] {
        try await database.read { tx in
            try tx.all(
                """
                SELECT \(StoredDraft.columns) FROM \(StoredDraft.source)
                WHERE draft.owner_id = $1 AND draft.id > $2 ORDER BY draft.id LIMIT $3
                """,
                [.integer(owner), .integer(id ?? 0), .integer(Int64(limit))]
            )
        }
    }

    /// Returns up to `limit` files of a draft in the order of their names, after one; nil if the draft no longer exists.
    package func files(ofDraft id: Int64, after name: FileName, limit: Int) async throws -> [DraftFile]? {
        try await database.read { tx in
            let files = try tx.drafts.files(ofDraft: id, after: name, limit: limit)
            // The last page completes the list only if the draft was not deleted in between.
            guard files.count < limit else { return files }
            return try tx.exists("SELECT 1 FROM draft WHERE id = $1", [.integer(id)]) ? files : nil
        }
    }

    /// Makes all files of a draft visible at once; the unique constraints decide which publisher wins.
    ///
    /// Files that the version has already with the same content stay as they are.
    package func publishDraft(_ release: DraftRelease) async throws -> DraftOutcome {
        try await database.sweepingWhenFull(\.isFull) {
            try await database.write { try Self.publish(release, $0) }
        }
    }

    private static func publish(_ release: DraftRelease, _ tx: Transaction) throws -> DraftOutcome {
        try tx.owners.keep(release.owner)
        let now = try tx.now
        let publisher = Publisher(account: release.creator, credential: release.credential, owner: release.owner)
        if let refusal = try tx.refusal(of: publisher, now) { return .refused(refusal) }
        guard let draft = try tx.drafts.lock(release.version, owner: release.owner) else { return .noDraft }
        let files = try tx.drafts.files(ofDraft: draft.id)
        guard release.expected.map({ $0 == files.digests }) ?? true else { return .differs(files) }
        // The room that the draft has reserved becomes that of its files.
        let room = try tx.drafts.delete(draft.id, isPublished: true)?.room ?? FreedRoom()
        let (new, isNew) = try insert(files, into: draft.version, release, now, tx)
        // The files that the version has already may be deleted before this transaction ends.
        try tx.blobs.noteCandidates(Array(Set(files.map(\.blob)).subtracting(new.map(\.blob))))
        do {
            try tx.usage.charge(
                new.map { ($0.blob, $0.sizeInBytes) },
                of: draft.version,
                isNew: isNew,
                owner: release.owner,
                freeing: room,
                keeping: release.quotas
            )
        } catch let full as Rollback<QuotaBreach> {
            throw Rollback(DraftOutcome.overQuota(full.outcome))
        }
        try tx.lookAgain(at: publisher) { DraftOutcome.refused($0) }
        return .published
    }

    /// Puts the files of a draft into their version; returns those that it did not have, and whether the version is new.
    private static func insert(
        _ files: [DraftFile],
        into version: VersionCoordinate,
        _ release: DraftRelease,
        _ now: Timestamp,
        _ tx: Transaction
    ) throws -> (new: [DraftFile], isNewVersion: Bool) {
        var new: [DraftFile] = []
        var place: (id: Int64, isNew: Bool)?
        // In one order, so that two publishers of the same content never wait for each other in a circle.
        for file in files.sorted(by: { $0.blob < $1.blob }) {
            let wanted = NewFile(file, of: version, release)
            do {
                let version = try place ?? tx.versions.findOrInsert(for: wanted, now)
                place = version
                try tx.files.insert(wanted, version.id, file.blob, now)
                new.append(file)
            } catch let conflict as AlreadyExists {
                guard release.mayJoinVersion, conflict.occupant.file?.blob.id == file.blob else {
                    throw Rollback(DraftOutcome.exists(conflict.occupant, file: file))
                }
            }
        }
        return (new, place?.isNew ?? false)
    }

    /// Deletes the draft of a version; returns false if there is none.
    package func deleteDraft(of version: VersionCoordinate, owner: Int64) async throws -> Bool {
        try await database.write { tx in
            guard let draft = try tx.drafts.lock(version, owner: owner) else { return false }
            let room = try tx.drafts.delete(draft.id)?.room ?? FreedRoom()
            try tx.usage.add(tx.reservedVersions.release(room), owner: owner)
            return true
        }
    }

    /// Takes a file out of the draft of its version, and deletes the draft with its last file; returns false if there is no such file.
    package func deleteDraftFile(_ file: FileCoordinate, owner: Int64) async throws -> Bool {
        try await database.write { tx in
            guard let draft = try tx.drafts.lock(file.versionCoordinate, owner: owner)?.id else { return false }
            let removed = try tx.all(
                "DELETE FROM draft_file WHERE draft_id = $1 AND lower_name = $2 RETURNING blob_id",
                [.integer(draft), .text(file.file.folded)]
            ) { try $0.integer() }
            guard !removed.isEmpty else { return false }
            try tx.blobs.noteCandidates(removed)
            let isEmpty = try !tx.exists("SELECT 1 FROM draft_file WHERE draft_id = $1 LIMIT 1", [.integer(draft)])
            let room =
                isEmpty
                ? try tx.drafts.delete(draft)?.room ?? FreedRoom()
                : FreedRoom(change: try tx.drafts.measure(draft))
            try tx.usage.add(tx.reservedVersions.release(room), owner: owner)
            return true
        }
    }
}
