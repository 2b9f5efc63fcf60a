// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata

extension UploadFile {
    /// The refusal of a publish whose version or file is there already; nil when nothing stands in its way.
    ///
    /// - Parameter sha256: The digest of the new content, as far as it is known.
    func existing(_ request: Request, sha256: Digest?) async throws -> RegistryError? {
        let contract = request.contract
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

    private func versionExists(_ request: Request, sha256: Digest?) async throws -> String {
        let file = try await metadata.file(request.file, owner: request.owner.id)
        let comparison =
            switch (file?.blob.sha256, sha256) {
            case (nil, _): "it has no file \(request.file.file)"
            case (let stored?, nil): "its file \(request.file.file) has \(stored)"
            case (let stored?, let sent?) where stored == sent: "the content you sent is identical to it"
            case (let stored?, let sent?): "its file has \(stored), you sent \(sent)"
            }
        return "version \(request.file.version) of package \(request.file.owner)/\(request.file.package) exists already "
            + "and never changes (\(comparison)): publish another version, or delete this one first"
    }
}
