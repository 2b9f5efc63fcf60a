// SPDX-License-Identifier: Apache-2.0

import NIOCore
import RegistryStorage
import RegistryTestSupport
import Testing

/// What only SQLite has to be told.
@Suite("SQLite")
struct SQLiteDatabaseTests {
    @Test("a commit is synced, and foreign keys are checked")
    func writerSettings() async throws {
        try await DatabaseBackend.sqlite.run { database, _ in
            try await database.write { connection in
                #expect(try connection.number("PRAGMA synchronous") == 2, "FULL")
                #expect(try connection.number("PRAGMA foreign_keys") == 1)
                #expect(try connection.query("PRAGMA journal_mode").first?.text(0) == "wal")
            }
        }
    }

    @Test("one connection writes: readers can neither write nor checkpoint")
    func readerSettings() async throws {
        try await DatabaseBackend.sqlite.run { database, _ in
            try await database.read { connection in
                #expect(try connection.number("PRAGMA query_only") == 1)
                #expect(try connection.number("PRAGMA wal_autocheckpoint") == 0)
            }
        }
    }

    @Test("a database that is not one is refused")
    func notADatabase() async throws {
        try await withTemporaryDirectory { directory in
            let bytes = [UInt8](repeating: 0x41, count: 8192)
            try LocalFile.create(directory + "/granary.db").append(.init(bytes: bytes))
            let error = await #expect(throws: SQLError.self) {
                try await DatabaseBackend.sqlite.open(directory, ManualClock())
            }
            #expect(error?.code == .corrupt)
        }
    }
}

extension SQLConnection {
    fileprivate func number(_ statement: SQL) throws -> Int64? {
        try first(statement, [])?.integer(0)
    }
}
