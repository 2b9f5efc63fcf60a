// SPDX-License-Identifier: Apache-2.0

import Foundation
import Loops
package import PostgresDriver
import RegistryStorage

/// A PostgreSQL server for tests, started by `scripts/postgres.sh`.
package struct TestPostgres: Sendable {
    /// The URL of a database whose owner may create databases.
    package let url: String
    /// The URL of the superuser.
    package let administratorURL: String

    package init(url: String, administratorURL: String) {
        self.url = url
        self.administratorURL = administratorURL
    }

    /// The server given in the environment, or nil when there is none.
    package static let given: TestPostgres? = {
        let environment = ProcessInfo.processInfo.environment
        guard let url = environment["GRANARY_TEST_POSTGRES"],
            let administratorURL = environment["GRANARY_TEST_POSTGRES_ADMIN"]
        else { return nil }
        return TestPostgres(url: url, administratorURL: administratorURL)
    }()

    /// Returns the address of a schema, or of the default one.
    package func address(schema: String? = nil) throws -> PostgresAddress {
        try Self.address(url + (schema.map { "?options=-csearch_path%3D\($0)" } ?? ""))
    }

    /// Returns the address of another database of the server.
    package func address(database: String) throws -> PostgresAddress {
        try Self.address(Self.replacing(database: database, in: url))
    }

    /// Runs a statement in the default database with PostgreSQL's own client, outside of a transaction.
    package func execute(_ statement: String, asAdministrator: Bool = false) async throws {
        let url = asAdministrator ? administratorURL : url
        let failure = try await BlockingPool.maintenance.complete {
            let client = Process()
            client.executableURL = URL(filePath: "/usr/bin/psql")
            client.arguments = ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", statement]
            client.standardOutput = FileHandle.nullDevice
            let errors = Pipe()
            client.standardError = errors
            try client.run()
            let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            client.waitUntilExit()
            return client.terminationStatus == 0 ? nil : text
        }
        if let failure { throw SQLError(.other, "psql failed: \(failure)") }
    }

    /// Runs a test with a new, empty database.
    package func withDatabase(_ body: (PostgresAddress) async throws -> Void) async throws {
        try await withDatabaseURL { try await body(try Self.address($0)) }
    }

    /// Runs a test with the URL of a new, empty database.
    package func withDatabaseURL(_ body: (String) async throws -> Void) async throws {
        let name = "d" + UUID().uuidString.lowercased().filter { $0 != "-" }
        try await TestSlots.shared.withSlot {
            try await execute("CREATE DATABASE \(name) TEMPLATE template0")
            do {
                try await body(Self.replacing(database: name, in: url))
            } catch {
                try? await execute("DROP DATABASE \(name) WITH (FORCE)")
                throw error
            }
            try await execute("DROP DATABASE \(name) WITH (FORCE)")
        }
    }

    /// Parses an address, and throws when the text is not one.
    package static func address(_ text: String) throws -> PostgresAddress {
        guard let address = PostgresAddress(text) else {
            throw SQLError(.other, "the address of a test database is not valid")
        }
        return address
    }

    private static func replacing(database: String, in url: String) -> String {
        guard let slash = url.lastIndex(of: "/") else { return url }
        return url[...slash] + database
    }
}
