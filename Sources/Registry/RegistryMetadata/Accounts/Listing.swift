// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

/// Which part of a list is wanted, where clients count pages.
package struct ListPage: Hashable, Sendable {
    package let offset: Int
    package let limit: Int

    /// Passes over `offset` rows.
    package init(offset: Int, limit: Int) {
        self.offset = offset
        self.limit = limit
    }
}

/// A part of a list, and how long the whole list is.
package struct Listing<Row: Sendable>: Sendable {
    package let rows: [Row]
    package let total: Int64

    package init(rows: [Row], total: Int64) {
        self.rows = rows
        self.total = total
    }

    /// The same part with its rows made into something else.
    package func map<Other: Sendable>(_ transform: (Row) throws -> Other) rethrows -> Listing<Other> {
        Listing<Other>(rows: try rows.map(transform), total: total)
    }
}

extension SQLConnection {
    /// Runs a statement that counts and one that gives a page of the same rows; the latter ends with limit and offset.
    func listing<Row: Sendable>(
        count: SQL,
        rows: SQL,
        _ arguments: [SQLValue],
        _ page: ListPage,
        _ read: (SQLRow) throws -> Row
    ) throws -> Listing<Row> {
        let total = try first(count, arguments)?.integer(0) ?? 0
        let window: [SQLValue] = [.integer(Int64(page.limit)), .integer(Int64(page.offset))]
        return Listing(rows: try query(rows, arguments + window).map(read), total: total)
    }
}
