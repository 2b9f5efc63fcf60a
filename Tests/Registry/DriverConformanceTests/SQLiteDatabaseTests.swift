// SPDX-License-Identifier: Apache-2.0

import RegistryStorage
import RegistryTestSupport
import Testing

/// What only SQLite has to be told.
@Suite("SQLite", .timeLimit(.minutes(15)))
struct SQLiteDatabaseTests {
    @Test("a commit is synced, and foreign keys are checked")
    func writerSettings() async throws {
        try await DatabaseBackend.sqlite.run { database, _ in
            let settings = try await database.write { connection in
                try [
                    connection.text("PRAGMA synchronous"), connection.text("PRAGMA foreign_keys"),
                    connection.text("PRAGMA journal_mode"),
                ]
            }
            #expect(settings == ["2", "1", "wal"], "2 is FULL")
        }
    }

    @Test("one connection writes: readers can neither write nor checkpoint")
    func readerSettings() async throws {
        try await DatabaseBackend.sqlite.run { database, _ in
            let step = try await database.read { try $0.text("PRAGMA wal_autocheckpoint") }
            #expect(step == "0")
            let error = await #expect(throws: SQLError.self) {
                try await database.read { _ = try $0.query("PRAGMA wal_checkpoint(TRUNCATE)") }
            }
            #expect(error != nil, "the connection was opened for reading only")
        }
    }

    @Test("a database that is not one is refused")
    func notADatabase() async throws {
        try await withTemporaryDirectory { directory in
            let bytes = [UInt8](repeating: 0x41, count: 8192)
            try LocalFile.create(directory + "/granary.db").append(bytes)
            let error = await #expect(throws: SQLError.self) {
                try await DatabaseBackend.sqlite.open(directory, ManualClock())
            }
            #expect(error?.code == .corrupt)
        }
    }
}

extension SQLConnection {
    /// What a pragma answers.
    fileprivate func text(_ statement: SQL) throws -> String? {
        switch try query(statement).first?.columns.first {
        case .integer(let number): "\(number)"
        case .text(let text): text
        default: nil
        }
    }
}
