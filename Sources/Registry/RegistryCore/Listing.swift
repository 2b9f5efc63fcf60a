// SPDX-License-Identifier: Apache-2.0

/// The part of a list that a client asks for by the number of a page.
package struct ListPage: Hashable, Sendable {
    package let offset: Int
    package let limit: Int

    /// Skips `offset` rows.
    package init(offset: Int, limit: Int) {
        self.offset = offset
        self.limit = limit
    }
}

/// A part of a list, and the length of the whole list.
package struct Listing<Row: Sendable>: Sendable {
    package let rows: [Row]
    package let total: Int64

    package init(rows: [Row], total: Int64) {
        self.rows = rows
        self.total = total
    }

    /// Returns the same part with its rows transformed.
    package func map<Other: Sendable>(_ transform: (Row) throws -> Other) rethrows -> Listing<Other> {
        Listing<Other>(rows: try rows.map(transform), total: total)
    }
}
