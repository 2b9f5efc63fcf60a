// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// The requested page of a list: at most `limit` entries after the key `after`.
package struct PageRequest: Hashable, Sendable {
    /// The server's maximum number of entries on a page.
    package static let largestLimit = 200

    /// The maximum number of entries requested.
    package let limit: Int

    /// The `next` of the previous page, or nil for the first page.
    package let after: String?

    /// Creates a request for the first page, or for the page after `after`.
    package init(limit: Int = largestLimit, after: String? = nil) {
        self.limit = limit
        self.after = after
    }

    /// The request as a URL query without the question mark.
    package var query: String {
        guard let after else { return "limit=\(limit)" }
        return "limit=\(limit)&after=\(percentEncoded(after))"
    }
}
