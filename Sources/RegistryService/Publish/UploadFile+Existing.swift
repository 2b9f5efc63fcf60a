// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata

extension UploadFile {
    /// The refusal of a publish whose version or file is there already; nil when nothing stands in its way.
    ///
    /// `sha256` is the digest of the new content, as far as it is known.
    func existing(_ request: Request, sha256: Digest?) async throws -> RegistryError? {
        let contract = request.contract
        if let refusal = try await failedPrecondition(request) { return refusal }
        if !contract.acceptsFurtherFiles {
            guard try await metadata.hasVersion(request.file.versionCoordinate, owner: request.owner.id) else {
                return nil
            }
            let message = try await versionExists(request, sha256: sha256)
            return contract.reportsExistingAsConflict ? .alreadyExists(message) : .versionExists(message)
        }
        guard let file = try await metadata.file(request.file, owner: request.owner.id) else { return nil }
        if contract.acceptsIdenticalRetry, sha256 == nil || sha256 == file.blob.sha256 { return nil }
        return .alreadyExists(
            "file \(request.file) exists already with other content: it has \(file.blob.sha256), you sent "
                + "\(sha256.map(\.description) ?? "unknown"); choose another name or version, or delete it first"
        )
    }

    /// RFC 9110, section 13.1: a condition is judged by the file that a GET would find.
    private func failedPrecondition(_ request: Request) async throws -> RegistryError? {
        let conditions = request.preconditions
        guard conditions != Preconditions() else { return nil }
        let current = try await metadata.file(request.file, owner: request.owner.id).map { file in
            Validators(entityTag: EntityTag(file.blob.sha256), lastModified: file.createdAt)
        }
        guard conditions.evaluate(current: current, isRetrieval: false) == .preconditionFailed else { return nil }
        let state = current.map { "it exists with the tag \($0.entityTag)" } ?? "it does not exist"
        return .preconditionFailed(
            "a condition of the request does not hold for file \(request.file): \(state); nothing was stored"
        )
    }

    private func versionExists(_ request: Request, sha256: Digest?) async throws -> String {
        let stored = try await metadata.file(request.file, owner: request.owner.id)?.blob.sha256
        let comparison =
            switch (stored, sha256) {
            case (nil, _): "it has no file \(request.file.file)"
            case (let stored?, nil): "its file \(request.file.file) has \(stored)"
            case (let stored?, let sent?) where stored == sent: "the content you sent is identical to it"
            case (let stored?, let sent?): "its file has \(stored), you sent \(sent)"
            }
        let file = request.file
        return "version \(file.version) of package \(file.owner)/\(file.package) exists already "
            + "and never changes (\(comparison)): publish another version, or delete this one first"
    }
}
