// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// The server's version, by which clients detect features.
package struct GiteaVersion: JSONRecord {
    /// The version of the compatible Gitea API, followed by the program's version.
    package static let current = GiteaVersion(version: "1.27.1+granary-\(ProgramVersion.current)")

    package static let recordName = "ServerVersion"

    package static let fields: [JSONField<GiteaVersion>] = [JSONField("version", \.version)]

    package let version: String
}

/// The limits for clients, as Gitea's `GeneralAPISettings`.
package struct GiteaAPISettings: JSONRecord {
    /// The maximum number of entries on a page.
    package static let largestPage = 50
    /// The default number of entries on a page.
    package static let usualPage = 30

    package static let recordName = "GeneralAPISettings"

    package static let fields: [JSONField<GiteaAPISettings>] = [
        .constant("max_response_items", Int64(largestPage)),
        .constant("default_paging_num", Int64(usualPage)),
        .constant("default_git_trees_per_page", Int64(1000)),
        .constant("default_max_blob_size", Int64(10_485_760)),
        .constant("default_max_response_size", Int64(104_857_600)),
    ]

    package init() {}
}

/// An error, as Gitea's `APIError`.
package struct GiteaError: JSONRecord {
    package static let recordName = "APIError"

    package static let fields: [JSONField<GiteaError>] = [
        JSONField("message", \.message),
        JSONField("url", \.url),
    ]

    /// The message: what failed, why, and what to do.
    package let message: String
    /// The URL of the API description.
    package let url: String

    package init(message: String, url: String) {
        self.message = message
        self.url = url
    }
}
