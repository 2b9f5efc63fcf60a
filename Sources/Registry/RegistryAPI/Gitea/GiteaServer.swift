// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// The version of the server, which clients choose features by.
package struct GiteaVersion: JSONRecord {
    /// The generation of Gitea's interface that this one is like, and the version of the program.
    package static let current = GiteaVersion(version: "1.27.1+granary-\(ProgramVersion.current)")

    package static let recordName = "ServerVersion"

    package static let fields: [JSONField<GiteaVersion>] = [JSONField("version", \.version)]

    package let version: String
}

/// What clients may ask for at most, as Gitea's `GeneralAPISettings`.
package struct GiteaAPISettings: JSONRecord {
    /// The most entries of a page.
    package static let largestPage = 50
    /// The entries of a page when a client does not say.
    package static let usualPage = 30

    package static let recordName = "GeneralAPISettings"

    package static let fields: [JSONField<GiteaAPISettings>] = [
        .constant("max_response_items", Int64(largestPage)),
        .constant("default_paging_num", Int64(usualPage)),
        .constant("default_git_trees_per_page", Int64(1000)),
        .constant("default_max_blob_size", Int64(10_485_760)),
        .constant("default_max_response_size", Int64(104_857_600)),
    ]

    /// There is one of it.
    package init() {}
}

/// A refusal, as Gitea's `APIError`.
package struct GiteaError: JSONRecord {
    package static let recordName = "APIError"

    package static let fields: [JSONField<GiteaError>] = [
        JSONField("message", \.message),
        JSONField("url", \.url),
    ]

    /// One sentence: what failed, on what, what to do.
    package let message: String
    /// Where the interface is described.
    package let url: String

    /// Creates the record from its parts.
    package init(message: String, url: String) {
        self.message = message
        self.url = url
    }
}
