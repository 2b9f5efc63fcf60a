// SPDX-License-Identifier: Apache-2.0

/// One version of a package, which Gitea calls a `Package`.
package struct GiteaPackage: JSONRecord {
    package static let recordName = "Package"

    package static let fields: [JSONField<GiteaPackage>] = [
        JSONField("id", \.id),
        JSONField("owner", \.owner),
        .null("repository"),
        JSONField("creator", \.creator),
        .constant("type", "generic"),
        JSONField("name", \.name),
        JSONField("version", \.version),
        JSONField("html_url", \.htmlURL),
        JSONField("created_at", \.createdAt),
    ]

    /// The identifier of the version.
    package let id: Int64
    package let owner: GiteaUser
    package let creator: GiteaUser
    package let name: String
    package let version: String
    package let htmlURL: String
    package let createdAt: JSONTime

    /// Creates the record from its parts.
    package init(
        id: Int64,
        owner: GiteaUser,
        creator: GiteaUser,
        name: String,
        version: String,
        htmlURL: String,
        createdAt: JSONTime
    ) {
        self.id = id
        self.owner = owner
        self.creator = creator
        self.name = name
        self.version = version
        self.htmlURL = htmlURL
        self.createdAt = createdAt
    }
}

/// A file of a version, as Gitea's `PackageFile`; the digests are lower-case hexadecimal, empty when the content is unreadable.
package struct GiteaPackageFile: JSONRecord {
    package static let recordName = "PackageFile"

    package static let fields: [JSONField<GiteaPackageFile>] = [
        JSONField("id", \.id),
        // Gitea changed the spelling; both forms keep older and newer clients working.
        JSONField("Size", \.size),
        JSONField("size", \.size),
        JSONField("name", \.name),
        JSONField("md5", \.md5),
        JSONField("sha1", \.sha1),
        JSONField("sha256", \.sha256),
        JSONField("sha512", \.sha512),
    ]

    package let id: Int64
    package let size: Int64
    package let name: String
    package let md5: String
    package let sha1: String
    package let sha256: String
    package let sha512: String

    /// Creates the record from its parts.
    package init(id: Int64, size: Int64, name: String, md5: String, sha1: String, sha256: String, sha512: String) {
        self.id = id
        self.size = size
        self.name = name
        self.md5 = md5
        self.sha1 = sha1
        self.sha256 = sha256
        self.sha512 = sha512
    }
}
