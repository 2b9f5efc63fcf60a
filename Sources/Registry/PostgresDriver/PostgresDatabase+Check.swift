// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

extension PostgresDatabase {
    private static let oldestServer: Int64 = 130_000

    /// Returns why a server of a version is not supported; nil if it is.
    package static func problem(of version: Int64, called name: String) -> String? {
        version >= oldestServer ? nil : "PostgreSQL \(name) is not supported; upgrade the server to 13 or later"
    }

    /// Throws when the server is too old, would damage names, may lose acknowledged commits, or forbids the user to create tables.
    func checkServer() async throws {
        let row = try await read { connection in
            try connection.first(
                """
                SELECT current_setting('server_version_num')::bigint, current_setting('server_version'),
                    current_setting('server_encoding'), current_setting('fsync'), current_database(), current_user,
                    current_schema(), COALESCE(has_schema_privilege(current_schema(), 'CREATE'), false)
                """,
                []
            )
        }
        guard let row else { throw SQLError(.unexpectedValue, "PostgreSQL reported no version") }
        if let problem = Self.problem(of: try row.integer(0), called: try row.text(1)) {
            throw SQLError(.other, problem)
        }
        let database = try row.text(4)
        guard try row.text(2) == "UTF8" else {
            throw SQLError(
                .other,
                "the database \(database) has the encoding \(try row.text(2)); create one with the encoding UTF8"
            )
        }
        guard try row.text(3) == "on" else {
            throw SQLError(
                .other,
                "PostgreSQL runs with fsync off: a power failure would lose published files; set fsync to on"
            )
        }
        guard try row.flag(7) else {
            let schema = try row.optionalText(6).map { "the schema \($0)" } ?? "any schema of its search_path"
            throw SQLError(
                .other,
                "user \(try row.text(5)) may not create tables in \(schema) of the database \(database); "
                    + "make that user the database's owner, or grant it CREATE"
            )
        }
    }
}
