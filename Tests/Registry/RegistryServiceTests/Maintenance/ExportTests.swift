// SPDX-License-Identifier: Apache-2.0

import Foundation
import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

@Suite("Export and import", .timeLimit(.minutes(15)))
struct ExportTests {
    /// An empty registry on a database of its own.
    private func withNewRegistry(
        _ backend: DatabaseBackend,
        _ body: (Metadata, any SQLDatabase) async throws -> Void
    ) async throws {
        try await backend.run { database, _ in
            let metadata = Metadata(database: database)
            try await metadata.schema.migrate(holder: "test") {}
            try await body(metadata, database)
        }
    }

    /// A registry with a row in every table that is exported.
    private func fill(_ fixture: PublishFixture) async throws {
        for number in 0..<700 {
            try await fixture.publish(Array("content \(number)".utf8), as: "tool@1.0.\(number)/a #~$-\(number).bin")
        }
        _ = try await fixture.completeDigests.run()
        try await fixture.publish([1], as: "gone@1.0.0/a.bin")
        try await fixture.delete("gone@1.0.0/a.bin")
        try await fixture.draft([2], as: "tool@2.0.0/a.bin")
        try await fixture.damage("tool@1.0.3/a #~$-3.bin", replacement: [1])
        _ = try await fixture.check(repair: true)
        try await fixture.metadata.removals.noteRemoval(BlobKey(sha256: try .sha256(of: [9]), upload: .random()))
        try await fixture.database.write { connection in
            for statement in Self.rows { try connection.execute(statement) }
            try connection.execute(
                """
                INSERT INTO access_token (id, account_id, name, secret_sha256, last_eight, scopes, created_at)
                VALUES (3, 1, 'ci', $1, 'abcdefgh', 'write:package', 5)
                """,
                [.bytes([0, 255, 16])]
            )
        }
    }

    private static let rows: [SQL] = [
        """
        INSERT INTO owner (id, name, lower_name, kind, visibility, full_name, created_at)
        VALUES (70, 'Acme', 'acme', 'organization', 'private', 'Ä \"/\\ \u{1D11E}\u{7}\u{2028}', 9007199254740993)
        """,
        "INSERT INTO owner_redirect (lower_name, owner_id) VALUES ('old', 70)",
        """
        INSERT INTO team (id, organization_id, name, lower_name, is_owners, packages_permission, created_at)
        VALUES (5, 70, 'Owners', 'owners', 1, 'write', 1)
        """,
        "INSERT INTO team_member (team_id, account_id) VALUES (5, 1)",
    ]

    private func rows(_ database: any SQLDatabase) async throws -> [String: [SQLRow]] {
        try await database.read { connection in
            var all: [String: [SQLRow]] = [:]
            for table in ExportedTable.all {
                let columns = table.columns.map(\.name).joined(separator: ", ")
                all[table.name] = try connection.query(
                    SQL(migration: "SELECT \(columns) FROM \(table.name) ORDER BY \(columns)")
                )
            }
            return all
        }
    }

    @Test("the list of exported tables is the schema")
    func listIsComplete() async throws {
        try await withNewRegistry(.sqlite) { _, database in
            let tables = try await database.read { connection in
                try connection.query(
                    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
                ).map { try $0.text(0) }
            }
            #expect(Set(tables) == Set(ExportedTable.all.map(\.name) + ExportedTable.left))
            for table in ExportedTable.all {
                let columns = try await database.read { connection in
                    try connection.query(SQL(migration: "SELECT name, type FROM pragma_table_info('\(table.name)')"))
                        .map { [try $0.text(0), try $0.text(1)] }
                }
                let types: [ExportedTable.Column.Kind: Set<String>] = [
                    .integer: ["INTEGER", "BIGINT"], .text: ["TEXT"], .bytes: ["BLOB"],
                ]
                #expect(Set(columns.map { $0[0] }) == Set(table.columns.map(\.name)), "\(table.name)")
                for column in table.columns {
                    let type = try #require(columns.first { $0[0] == column.name })[1]
                    #expect(types[column.kind]?.contains(type) == true, "\(table.name).\(column.name) is \(type)")
                }
            }
        }
    }

    @Test("a registry comes back row by row, by way of every database", arguments: DatabaseBackend.available)
    func roundTrip(_ backend: DatabaseBackend) async throws {
        try await PublishFixture.run { fixture in
            try await fill(fixture)
            let original = try await rows(fixture.database)
            for table in ExportedTable.all { #expect(original[table.name]?.isEmpty == false, "\(table.name)") }
            let first = try await ExportFile.write(fixture.metadata, to: fixture.directory + "/first")
            try await withNewRegistry(backend) { metadata, database in
                let imported = try await metadata.transfer.importRows { try first.reader() }
                #expect(imported == first.rows)
                #expect(try await rows(database) == original)
                let second = try await ExportFile.write(metadata, to: fixture.directory + "/second")
                try await withNewRegistry(.sqlite) { metadata, database in
                    _ = try await metadata.transfer.importRows { try second.reader() }
                    #expect(try await rows(database) == original)
                }
                // The numbering goes on behind what was imported.
                let created = try await metadata.accounts.createUser(
                    NewUser(
                        name: try OwnerName("bob"),
                        email: try EmailAddress("bob@example.org"),
                        passwordHash: "",
                        isAdministrator: false,
                        visibility: .public
                    )
                )
                guard case .created(let bob) = created else { throw RegistryError.invalid("\(created)") }
                #expect(bob.account.id > 70)
            }
        }
    }

    @Test("an export that was cut off or changed anywhere is refused, and nothing is imported")
    func damagedExport() async throws {
        try await PublishFixture.run { fixture in
            try await fixture.publish([1], as: "tool@1.0.0/a.bin")
            let export = try await ExportFile.write(fixture.metadata, to: fixture.directory + "/export")
            let whole = try #require(FileManager.default.contents(atPath: fixture.directory + "/export"))
            #expect(try ExportFile(export.file).rows == export.rows)
            var generator = SeededGenerator(seed: 11)
            for round in 0..<200 {
                var bytes = [UInt8](whole)
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch round % 3 {
                case 0: bytes.removeLast(bytes.count - place)
                case 1: bytes[place] ^= 1
                default: bytes.remove(at: place)
                }
                // The last line's end may be missing.
                if bytes.count == whole.count - 1, whole.starts(with: bytes) { continue }
                let path = "\(fixture.directory)/damaged-\(round)"
                try Data(bytes).write(to: URL(filePath: path))
                let file = try LocalFile.openForReading(path)
                #expect(throws: (any Error).self, "round \(round), byte \(place)") { _ = try ExportFile(file) }
            }
        }
    }

    @Test("a registry that is in use takes no import")
    func usedRegistry() async throws {
        try await PublishFixture.run { fixture in
            let empty = try await ExportFile.write(fixture.metadata, to: fixture.directory + "/empty")
            try await fixture.publish([1], as: "tool@1.0.0/a.bin")
            let before = try await rows(fixture.database)
            let error = await #expect(throws: ImportRefused.self) {
                _ = try await fixture.metadata.transfer.importRows { try empty.reader() }
            }
            #expect(error?.description.contains("in use") == true)
            #expect(try await rows(fixture.database) == before)
        }
    }

    @Test("an import that fails half-way leaves nothing")
    func failedImport() async throws {
        struct Source: ImportSource {
            var base: any ImportSource
            var left = 4
            var schema: Int64 { base.schema }

            mutating func next() throws -> (table: ExportedTable, values: [SQLValue])? {
                left -= 1
                if left < 0 { throw BlobStoreError(.unavailable, "a test's error") }
                return try base.next()
            }
        }
        try await PublishFixture.run { fixture in
            try await fixture.publish([1], as: "tool@1.0.0/a.bin")
            let export = try await ExportFile.write(fixture.metadata, to: fixture.directory + "/export")
            try await withNewRegistry(.sqlite) { metadata, database in
                await #expect(throws: BlobStoreError.self) {
                    _ = try await metadata.transfer.importRows { Source(base: try export.reader()) }
                }
                let left = try await rows(database)
                #expect(left.values.allSatisfy { $0.isEmpty })
                let imported = try await metadata.transfer.importRows { try export.reader() }
                #expect(imported == export.rows)
            }
        }
    }

    @Test("an export of another schema is refused with a sentence")
    func otherSchema() async throws {
        try await PublishFixture.run { fixture in
            let export = try await ExportFile.write(fixture.metadata, to: fixture.directory + "/export")
            try await withNewRegistry(.sqlite) { metadata, database in
                _ = try await database.write {
                    try $0.execute("INSERT INTO schema_migration (number, name, applied_at) VALUES (999, 'later', 0)")
                }
                let error = await #expect(throws: ImportRefused.self) {
                    _ = try await metadata.transfer.importRows { try export.reader() }
                }
                #expect(error?.description.contains("this registry has 999") == true)
            }
        }
    }
}
