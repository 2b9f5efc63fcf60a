// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryAPI
import RegistryService

/// The requested page of a list.
struct PageQuery {
    /// The descriptions of the query parameters.
    static let parameters = [
        QueryParameter(
            "limit",
            .number,
            "The maximum number of entries, 1 to \(PageRequest.largestLimit); default 50"
        ),
        QueryParameter("after", .text, "The `next` of the previous page"),
    ]

    let limit: Int
    let after: String?

    /// Parses `limit` and `after`; a limit out of range is clipped.
    init(_ request: Request) throws {
        let query = request.query
        if let text = query["limit"] {
            guard let limit = Int(text) else {
                throw RegistryError.invalid(
                    "invalid query parameter limit: send a number from 1 to \(PageRequest.largestLimit)"
                )
            }
            self.limit = min(max(limit, 1), PageRequest.largestLimit)
        } else {
            limit = 50
        }
        after = query["after"]
    }

    /// The number of entries to read: one more than shown tells whether there is a next page.
    var readLimit: Int { limit + 1 }

    /// Returns the entries to show of those read, and the key of the last one if there are more.
    func page<Entry>(of entries: [Entry], key: (Entry) -> String) -> (shown: ArraySlice<Entry>, next: String?) {
        let shown = entries.prefix(limit)
        return (shown, entries.count > limit ? shown.last.map(key) : nil)
    }

    /// Parses the `after` of a list with numeric keys.
    func number() throws -> Int64? {
        guard let after else { return nil }
        guard let number = Int64(after) else { throw Self.foreignKey }
        return number
    }

    /// Parses the `after` of a list whose keys are a number and a text.
    func numberedText() throws -> (number: Int64, text: String)? {
        guard let after else { return nil }
        let parts = after.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let number = Int64(parts[0]), !parts[1].utf8.contains(0) else { throw Self.foreignKey }
        return (number, String(parts[1]))
    }

    /// Returns the key in the format that `numberedText` parses.
    static func key(_ number: Int64, _ text: String) -> String { "\(number):\(text)" }

    private static let foreignKey = RegistryError.invalid(
        "invalid query parameter after: send the next of the previous page"
    )
}
