// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryCore

extension OwnerChange {
    /// Creates a change from the members of a request, within Gitea's limits.
    init(fullName: String?, description: String?, website: String?, location: String?) throws {
        self.init()
        self.fullName = try InvalidField.text("FullName", fullName, limit: 100)
        self.description = try InvalidField.text("Description", description, limit: 255)
        self.website = try InvalidField.text("Website", website, limit: 255)
        self.location = try InvalidField.text("Location", location, limit: 50)
    }
}

extension Request {
    /// The trimmed search text of a list's query, without null characters, which no database accepts.
    var searched: String {
        let text = (query["q"] ?? "").filter { $0 != "\0" }
        return String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
