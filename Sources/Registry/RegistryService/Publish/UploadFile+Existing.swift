// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata

extension UploadFile.Request {
    /// Returns the error if existing content prevents this publish; nil if nothing does.
    ///
    /// Content identical to `sha256` does not prevent it if the contract accepts identical retries.
    func refusal(by occupant: Occupant, sha256: Digest?) -> RegistryError? {
        if let failed = failedPrecondition(occupant) { return failed }
        guard occupant.hasVersion else { return nil }
        if !contract.acceptsFurtherFiles {
            let message = versionExists(occupant.file?.blob.sha256, sha256)
            return contract.reportsExistingAsConflict ? .alreadyExists(message) : .versionExists(message)
        }
        guard let stored = occupant.file?.blob.sha256 else { return nil }
        if contract.acceptsIdenticalRetry, sha256 == nil || sha256 == stored { return nil }
        return .alreadyExists(
            "file \(file) already exists with different content: it has \(stored), you sent "
                + "\(sha256.map { "\($0)" } ?? "unknown"); choose another name or version, or delete it first"
        )
    }

    /// Evaluates preconditions against the file that a GET would find (RFC 9110, section 13.1).
    private func failedPrecondition(_ occupant: Occupant) -> RegistryError? {
        guard preconditions != Preconditions() else { return nil }
        let current = occupant.file.map { file in
            Validators(entityTag: EntityTag(file.blob.sha256), lastModified: file.createdAt)
        }
        guard preconditions.evaluate(current: current, isRetrieval: false) == .preconditionFailed else { return nil }
        let state = current.map { "it exists with the tag \($0.entityTag)" } ?? "it does not exist"
        return .preconditionFailed(
            "precondition failed for file \(file): \(state); nothing was stored"
        )
    }

    private func versionExists(_ stored: Digest?, _ sent: Digest?) -> String {
        let comparison =
            switch (stored, sent) {
            case (nil, _): "it has no file \(file.file)"
            case (let stored?, nil): "its file \(file.file) has \(stored)"
            case (let stored?, let sent?) where stored == sent: "the content you sent is identical to it"
            case (let stored?, let sent?): "its file has \(stored), you sent \(sent)"
            }
        return "version \(file.version) of package \(file.owner)/\(file.package) already exists "
            + "and is immutable (\(comparison)): publish another version, or delete this one first"
    }
}
