// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage

extension CheckRegistry {
    private static let pathLimit = 20

    /// Returns the problem with content that no blob seems to use, if there is one.
    func problem(of content: StoredContent, _ options: Options) async throws -> Problem? {
        guard content.age >= options.grace, !(try await removals.unknownKeys([content.key])).isEmpty else { return nil }
        var isRepaired = false
        if options.repairs { isRepaired = !(try await removals.condemn([content.key])).isEmpty }
        return Problem(
            .orphaned,
            subject: "content \(content.key)",
            detail: "\(content.sizeInBytes) bytes that belong to no blob",
            key: content.key,
            isRepaired: isRepaired
        )
    }

    /// Returns the problem with a blob's content, if there is one.
    func problem(of blob: StoredBlob, listed: StoredContent?, _ options: Options) async throws -> Problem? {
        let damage: Damage
        if options.isQuick, listed?.sizeInBytes == blob.sizeInBytes { return nil }
        do {
            guard let found = try await self.damage(of: blob, isQuick: options.isQuick) else { return nil }
            damage = found
        } catch let error as BlobStoreError {
            // One unreadable blob is a finding; an unusable store ends the check.
            try await blobs.checkHealth()
            damage = Damage(.unreadable, "\(error)")
        }
        // The blob was deleted or healed meanwhile, so the finding no longer applies.
        guard try await blobIndex.hasBlob(blob.key) else { return nil }
        return Problem(
            damage.kind,
            subject: "blob \(blob.sha256)",
            detail: damage.detail,
            key: blob.key,
            use: try await blobIndex.use(ofBlob: blob.id, limit: Self.pathLimit),
            isRepaired: try await options.repairs ? repair(blob, damage) : false
        )
    }

    private struct Damage {
        let kind: Problem.Kind
        let detail: String
        /// The correct digests.
        var digests: FileDigests?

        init(_ kind: Problem.Kind, _ detail: String, digests: FileDigests? = nil) {
            self.kind = kind
            self.detail = detail
            self.digests = digests
        }
    }

    private func damage(of blob: StoredBlob, isQuick: Bool) async throws -> Damage? {
        guard let size = try await blobs.sizeInBytes(of: blob.key) else {
            if let aside = try await blobIndex.quarantinedKey(ofBlob: blob.id) {
                return Damage(.quarantined, "damaged content is kept as \(aside)")
            }
            return Damage(.missing, "not found in the store")
        }
        guard size == blob.sizeInBytes else {
            return Damage(.truncated, "it has \(size) bytes instead of \(blob.sizeInBytes)")
        }
        if isQuick { return nil }
        var hasher = ContentHasher(also: blob.digests == nil ? [] : [.md5, .sha1, .sha512])
        for try await chunk in try await blobs.open(blob.key).read(0..<size) {
            try Task.checkCancellation()
            hasher.update(chunk)
        }
        return try judge(blob, hasher.finish())
    }

    private func judge(_ blob: StoredBlob, _ found: ContentDigests) throws -> Damage? {
        guard found.sha256 == blob.sha256 else { return Damage(.corrupt, "its SHA-256 is \(found.sha256)") }
        guard let known = blob.digests, let md5 = found.md5, let sha1 = found.sha1, let sha512 = found.sha512 else {
            return nil
        }
        let right = FileDigests(md5: md5, sha1: sha1, sha256: found.sha256, sha512: sha512)
        return right == known ? nil : Damage(.digests, "the digests in the database do not match", digests: right)
    }

    /// Repairs what can be repaired without the original bytes.
    private func repair(_ blob: StoredBlob, _ damage: Damage) async throws -> Bool {
        switch damage.kind {
        case .truncated, .corrupt:
            return try await blobIndex.quarantine(blob)
        case .digests:
            guard let digests = damage.digests else { return false }
            try await blobIndex.setDigests(digests, ofBlob: blob.id)
            return true
        default:
            return false
        }
    }
}
