// SPDX-License-Identifier: Apache-2.0

package import RegistryAPI
package import RegistryCore

/// The criteria of a search; each one narrows the result.
package struct SearchRequest: Hashable, Sendable {
    package let owner: OwnerName?
    package let name: PackageName?
    /// A part of a package's name; empty for all names.
    package let text: String
    /// The digest of the searched files, or nil when the search is for packages.
    package let sha256: Digest?

    /// Creates a search for packages, or for files when a digest is given.
    package init(owner: OwnerName? = nil, name: PackageName? = nil, text: String = "", sha256: Digest? = nil) {
        self.owner = owner
        self.name = name
        self.text = text
        self.sha256 = sha256
    }

    /// Returns the URL query for one page, without the question mark.
    package func query(_ page: PageRequest) -> String {
        let members = [
            ("owner", owner?.text), ("name", name?.text), ("q", text.isEmpty ? nil : text), ("sha256", sha256?.hex),
        ]
        return members.reduce(into: page.query) { query, member in
            if let value = member.1 { query += "&\(member.0)=\(percentEncoded(value))" }
        }
    }
}
