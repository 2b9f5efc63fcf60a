// SPDX-License-Identifier: Apache-2.0

import Foundation
import RegistryCore
import RegistryStorage
import RegistryTestSupport

@testable import SQLiteDriver

/// A database in a directory of its own.
struct SQLiteFixture {
    let directory: String
    var path: String { directory + "/granary.db" }

    static func run(_ body: (SQLiteFixture) async throws -> Void) async throws {
        try await withTemporaryDirectory { try await body(SQLiteFixture(directory: $0)) }
    }

    /// Runs a test on an open database, which is closed afterwards.
    func withDatabase(readers: Int = 2, _ body: (SQLiteDatabase) async throws -> Void) async throws {
        let database = try open(readers: readers)
        do {
            try await body(database)
        } catch {
            try await database.close()
            throw error
        }
        try await database.close()
    }

    func open(readers: Int = 2, fileSystem: String? = nil) throws -> SQLiteDatabase {
        try SQLiteDatabase(
            path: path,
            readers: readers,
            clock: { Timestamp(microseconds: 0) },
            fileSystem: fileSystem
        )
    }

    /// The bytes of the log; 0 when there is none.
    var logSize: Int {
        get throws { Int(try LocalDirectory.fileSizeInBytes(path + "-wal") ?? 0) }
    }
}

extension SQLDatabase {
    func makeTable() async throws {
        _ = try await write { try $0.execute("CREATE TABLE number (value BIGINT PRIMARY KEY)") }
    }

    func insert(_ number: Int64) async throws {
        _ = try await write { try $0.execute("INSERT INTO number (value) VALUES ($1)", [.integer(number)]) }
    }

    func numbers() async throws -> [Int64] { try await read { try $0.numbers() } }
}

extension SQLConnection {
    func numbers() throws -> [Int64] {
        try query("SELECT value FROM number ORDER BY value").map { try $0.integer(0) }
    }
}
