// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// A draft that is to be published.
package struct DraftRelease: Sendable {
    package let version: VersionCoordinate
    package let owner: Int64
    package let creator: Int64
    /// The creator's credential to check again; nil if no check is needed.
    package let credential: Credential?
    /// Exactly the files that it must have; nil for any files.
    package let expected: [FileName: Digest]?
    /// Whether its files may join a published version.
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

/// The outcome of the transaction that publishes a draft.
package enum DraftOutcome: Hashable, Sendable {
    /// All its files are visible, and the draft was deleted.
    case published
    case noDraft
    /// The draft has other files than expected; nothing was changed.
    case differs([DraftFile])
    /// The version or a file of it exists already; nothing was changed.
    case exists(Occupant, file: DraftFile)
    /// A quota leaves no room for it; nothing was changed.
    case overQuota(QuotaBreach)
    /// The publisher's access was withdrawn; nothing was changed.
    case refused(PublishRefusal)

    var isFull: Bool {
        if case .overQuota = self { true } else { false }
    }
}

extension NewFile {
    init(_ file: DraftFile, of version: VersionCoordinate, _ release: DraftRelease) {
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
    /// The digests of the files, by their names.
    package var digests: [FileName: Digest] {
        Dictionary(uniqueKeysWithValues: map { ($0.name, $0.sha256) })
    }
}
