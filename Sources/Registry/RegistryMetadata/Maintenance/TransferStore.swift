// SPDX-License-Identifier: Apache-2.0

package import RegistryStorage

/// The destination of the rows of an export.
package protocol ExportSink: Sendable {
    /// Receives the number of the schema, before all rows.
    mutating func begin(schema: Int64) throws
    mutating func append(_ row: SQLRow, of table: ExportedTable) throws
}

/// The source of the rows of an import.
package protocol ImportSource: Sendable {
    var schema: Int64 { get }
    /// The next row, with its values in the order of the table's columns; nil at the end.
    mutating func next() throws -> (table: ExportedTable, values: [SQLValue])?
}

/// The reason why nothing was imported.
package struct ImportRefused: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// Exports and imports all rows.
package struct TransferStore: Sendable {
    private static let pageSize = 500
    /// The time that a whole registry may take.
    private static let longest = Duration.seconds(3600)

    let database: MetadataDatabase

    /// Writes all rows, as they are at one moment, to a new sink.
    ///
    /// The sink is called inside the transaction, so it must not wait for anything but a local file.
    package func export<Sink: ExportSink>(to makeSink: @escaping @Sendable () throws -> Sink) async throws -> Sink {
        try await database.read { tx in
            try tx.extendDeadline(by: Self.longest)
            var sink = try makeSink()
            try sink.begin(schema: try Self.schemaNumber(tx))
            for table in ExportedTable.all {
                var page = try tx.connection.query(table.page(isFirst: true, limit: Self.pageSize))
                while let last = page.last {
                    for row in page { try sink.append(row, of: table) }
                    page = try tx.connection.query(
                        table.page(isFirst: false, limit: Self.pageSize),
                        table.position(of: last)
                    )
                }
            }
            return sink
        }
    }

    /// Imports all rows, or none, and returns their number; refused unless this registry is unused.
    ///
    /// The administrator that a first start created is replaced.
    package func importRows<Source: ImportSource>(
        from makeSource: @escaping @Sendable () throws -> Source
    ) async throws -> Int {
        try await database.writeOnce(telling: .access) { tx in
            try tx.extendDeadline(by: Self.longest)
            var source = try makeSource()
            try Self.checkImport(of: source.schema, tx)
            try tx.execute("DELETE FROM owner")
            var count = 0
            while let (table, values) = try source.next() {
                try tx.execute(table.insert, values)
                count += 1
            }
            if tx.dialect == .postgres {
                for table in ExportedTable.all where table.isNumbered {
                    _ = try tx.exists(table.continueNumbering)
                }
            }
            return count
        }
    }

    /// Throws unless an export of a schema can be imported.
    package func checkImport(of schema: Int64) async throws {
        try await database.read { try Self.checkImport(of: schema, $0) }
    }

    private static func checkImport(of schema: Int64, _ tx: Transaction) throws {
        let own = try schemaNumber(tx)
        guard schema == own else {
            throw ImportRefused(
                "schema mismatch: the export has schema \(schema), this registry has \(own); import it with the version of "
                    + "granary that wrote it, then start the newer version"
            )
        }
        let accounts = try tx.integer("SELECT COUNT(*) FROM owner") ?? 0
        let isUsed = try ExportedTable.all.contains { table in
            guard table.name != "owner", table.name != "account" else { return false }
            return try tx.exists(table.anyRow)
        }
        guard accounts <= 1, !isUsed else {
            throw ImportRefused(
                "this registry is in use: it already has accounts or packages; use a new one, with another data "
                    + "directory or database"
            )
        }
    }

    private static func schemaNumber(_ tx: Transaction) throws -> Int64 {
        try tx.integer("SELECT MAX(number) FROM schema_migration") ?? 0
    }
}
