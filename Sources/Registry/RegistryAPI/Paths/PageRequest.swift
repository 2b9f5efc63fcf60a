// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// Which part of a list is asked for: at most `limit` entries behind the key `after`.
package struct PageRequest: Hashable, Sendable {
    /// The most entries a server puts on one page, whatever is asked for.
    package static let largestLimit = 200

    /// The most entries wanted.
    package let limit: Int

    /// The `next` of the page before, or nil for the first page.
    package let after: String?

    /// Asks for the first page, or for the one behind `after`.
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
