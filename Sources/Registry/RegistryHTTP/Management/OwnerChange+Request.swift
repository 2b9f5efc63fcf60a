// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryMetadata

extension OwnerChange {
    /// What a request says about an owner, within Gitea's bounds.
    init(fullName: String?, description: String?, website: String?, location: String?) throws {
        self.init()
        self.fullName = try InvalidField.text("FullName", fullName, limit: 100)
        self.description = try InvalidField.text("Description", description, limit: 255)
        self.website = try InvalidField.text("Website", website, limit: 255)
        self.location = try InvalidField.text("Location", location, limit: 50)
    }
}

extension Request {
    /// The text that a list's query asks for, without the spaces around it; no name holds what no database could be asked.
    var searched: String {
        let text = (query["q"] ?? "").filter { $0 != "\0" }
        return String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
