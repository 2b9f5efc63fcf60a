// SPDX-License-Identifier: Apache-2.0

package import RegistryStorage

/// Where the rows of an export go.
package protocol ExportSink: Sendable {
    /// Takes the number of the schema, before all rows.
    mutating func begin(schema: Int64) throws
    mutating func append(_ row: SQLRow, of table: ExportedTable) throws
}

/// Where the rows of an import come from.
package protocol ImportSource: Sendable {
    var schema: Int64 { get }
    /// The next row, with its values in the order of the table's columns; nil at the end.
    mutating func next() throws -> (table: ExportedTable, values: [SQLValue])?
}

/// Why nothing was imported.
package struct ImportRefused: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

extension MetadataStore {
    private static let pageSize = 500
    /// How long a whole registry may take.
    private static let longest = Duration.seconds(3600)

    /// Gives all rows, as they are at one moment, to a sink that is made for them.
    ///
    /// The sink is called inside the transaction, so it must not wait for anything but a local file.
    package func export<Sink: ExportSink>(to makeSink: @escaping @Sendable () throws -> Sink) async throws -> Sink {
        try await database.read { connection in
            try connection.extendDeadline(by: Self.longest)
            var sink = try makeSink()
            try sink.begin(schema: try Self.schemaNumber(connection))
            for table in ExportedTable.all {
                var page = try connection.query(table.page(isFirst: true, limit: Self.pageSize))
                while let last = page.last {
                    for row in page { try sink.append(row, of: table) }
                    page = try connection.query(
                        table.page(isFirst: false, limit: Self.pageSize),
                        table.position(of: last)
                    )
                }
            }
            return sink
        }
    }

    /// Takes all rows over, or none; refused unless nothing was ever published or set up here.
    ///
    /// The administrator that a first start made is replaced. Returns how many rows there were.
    package func importRows<Source: ImportSource>(
        from makeSource: @escaping @Sendable () throws -> Source
    ) async throws -> Int {
        try await database.write { [dialect = database.dialect] connection in
            try connection.extendDeadline(by: Self.longest)
            var source = try makeSource()
            try Self.checkImport(of: source.schema, connection)
            try connection.notify(Change.access.rawValue)
            try connection.execute("DELETE FROM owner")
            var count = 0
            while let (table, values) = try source.next() {
                try connection.execute(table.insert, values)
                count += 1
            }
            if dialect == .postgres {
                for table in ExportedTable.all where table.isNumbered {
                    _ = try connection.query(table.continueNumbering)
                }
            }
            return count
        }
    }

    /// Throws unless an import can be taken over.
    package func checkImport(of schema: Int64) async throws {
        try await database.read { try Self.checkImport(of: schema, $0) }
    }

    private static func checkImport(of schema: Int64, _ connection: any SQLConnection) throws {
        let own = try schemaNumber(connection)
        guard schema == own else {
            throw ImportRefused(
                "schema mismatch: the export has schema \(schema), this registry has \(own); import it with the version of "
                    + "granary that wrote it, then start the newer version"
            )
        }
        let accounts = try connection.first("SELECT COUNT(*) FROM owner", [])?.integer(0) ?? 0
        let isUsed = try ExportedTable.all.contains { table in
            guard table.name != "owner", table.name != "account" else { return false }
            return try !connection.query(table.anyRow).isEmpty
        }
        guard accounts <= 1, !isUsed else {
            throw ImportRefused(
                "this registry is in use: it already has accounts or packages; use a new one, with another data "
                    + "directory or database"
            )
        }
    }

    private static func schemaNumber(_ connection: any SQLConnection) throws -> Int64 {
        try connection.first("SELECT MAX(number) FROM schema_migration", [])?.integer(0) ?? 0
    }
}
