// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// One version of a package, which Gitea calls a `Package`.
package struct GiteaPackage: JSONRecord {
    package static let recordName = "Package"

    package static let fields: [JSONField<GiteaPackage>] = [
        JSONField("id", \.entry.id),
        JSONField("owner", \.owner),
        .null("repository"),
        JSONField("creator", \.creator),
        .constant("type", "generic"),
        JSONField("name", \.entry.package.text),
        JSONField("version", \.entry.version.text),
        JSONField("html_url", \.htmlURL),
        JSONField("created_at", \.entry.createdAt),
    ]

    private let entry: VersionEntry
    private let owner: GiteaUser
    private let creator: GiteaUser
    private let htmlURL: String

    package init(_ entry: VersionEntry, owner: GiteaUser, creator: GiteaUser, htmlURL: String) {
        self.entry = entry
        self.owner = owner
        self.creator = creator
        self.htmlURL = htmlURL
    }
}

/// A file of a version, as Gitea's `PackageFile`; the digests are lower-case hexadecimal, empty when the content is unreadable.
package struct GiteaPackageFile: JSONRecord {
    package static let recordName = "PackageFile"

    package static let fields: [JSONField<GiteaPackageFile>] = [
        JSONField("id", \.file.id),
        // Gitea changed the spelling; both forms keep older and newer clients working.
        JSONField("Size", \.file.blob.sizeInBytes),
        JSONField("size", \.file.blob.sizeInBytes),
        JSONField("name", \.file.name.text),
        .textOrEmpty("md5", \.digests?.md5.hex),
        .textOrEmpty("sha1", \.digests?.sha1.hex),
        JSONField("sha256", \.file.blob.sha256.hex),
        .textOrEmpty("sha512", \.digests?.sha512.hex),
    ]

    private let file: StoredFile
    private let digests: FileDigests?

    package init(_ file: StoredFile, _ digests: FileDigests?) {
        self.file = file
        self.digests = digests
    }
}
