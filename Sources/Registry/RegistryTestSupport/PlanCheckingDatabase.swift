// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
package import RegistryStorage
import Synchronization

/// A database that refuses a statement whose plan reads a whole table, so that the suites check every statement that requests run.
///
/// A plan is checked when the process runs a statement for the first time. A statement that has to read all rows contains the comment
/// `/* all rows */`. A transaction that changes the schema is not checked: migrations rewrite tables.
package struct PlanCheckingDatabase: SQLDatabase {
    private let base: any SQLDatabase

    package init(_ base: any SQLDatabase) {
        self.base = base
    }

    package var dialect: SQLDialect { base.dialect }

    package func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await base.read { [dialect] in try body(Connection($0, dialect)) }
    }

    package func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await base.write { [dialect] in try body(Connection($0, dialect)) }
    }

    package func notifications() -> AsyncStream<SQLNotification>? { base.notifications() }

    package func checkHealth() async throws { try await base.checkHealth() }

    package func close() async throws { try await base.close() }

    private final class Connection: SQLConnection {
        private let base: any SQLConnection
        private let dialect: SQLDialect
        private var changesSchema = false

        init(_ base: any SQLConnection, _ dialect: SQLDialect) {
            self.base = base
            self.dialect = dialect
        }

        func now() throws -> Timestamp { try base.now() }

        func query(_ statement: SQL, _ arguments: [SQLValue]) throws -> [SQLRow] {
            try check(statement)
            return try base.query(statement, arguments)
        }

        func execute(_ statement: SQL, _ arguments: [SQLValue]) throws -> Int {
            try check(statement)
            return try base.execute(statement, arguments)
        }

        func notify(_ message: String) throws { try base.notify(message) }

        func extendDeadline(by duration: Duration) throws { try base.extendDeadline(by: duration) }

        private func check(_ statement: SQL) throws {
            let examined = StatementPlan(statement.text, dialect)
            changesSchema = changesSchema || examined.changesSchema
            guard !changesSchema, examined.isNew, let scan = try examined.scan(base) else { return }
            throw SQLError(.other, "a statement reads a whole table: \(scan)\n\(statement.text)")
        }
    }
}

/// The plan of one statement.
private struct StatementPlan {
    private static let seen = Mutex<Set<String>>([])
    /// All tables but two that stay small.
    private static let tables = Set(ExportedTable.all.map(\.name) + ExportedTable.left)
        .subtracting(["lease", "schema_migration"])

    private let text: String
    private let words: [Substring]
    private let dialect: SQLDialect

    init(_ text: String, _ dialect: SQLDialect) {
        self.text = text
        self.dialect = dialect
        words = text.split { $0.isWhitespace || "(),;".contains($0) }
    }

    var changesSchema: Bool { ["CREATE", "ALTER", "DROP"].contains(words.first) }

    /// Whether the statement is to be examined, and was not before.
    var isNew: Bool {
        guard ["SELECT", "INSERT", "UPDATE", "DELETE", "WITH"].contains(words.first),
            !text.contains("/* all rows */"), words.contains(where: { Self.tables.contains(String($0)) })
        else { return false }
        return Self.seen.withLock { $0.insert("\(dialect) \(text)").inserted }
    }

    /// Returns the step of the plan that reads a whole table; nil if there is none.
    func scan(_ connection: any SQLConnection) throws -> String? {
        switch dialect {
        case .sqlite: try sqliteSteps(connection).first(where: isSQLiteScan)
        case .postgres: try postgresSteps(connection).first { $0.contains("Seq Scan on") }
        }
    }

    private func sqliteSteps(_ connection: any SQLConnection) throws -> [String] {
        // The plan does not depend on arguments, but each placeholder needs one.
        let arguments = [SQLValue](repeating: .null, count: placeholders)
        return try connection.query(SQL(migration: "EXPLAIN QUERY PLAN " + text), arguments).map { try $0.text(3) }
    }

    private func isSQLiteScan(_ step: String) -> Bool {
        let parts = step.split(separator: " ").map(String.init)
        guard parts.count > 1, names.contains(parts[1]) else { return false }
        // The partial index contains only the wanted rows.
        if step.contains("_without_") { return false }
        return parts[0] == "SCAN" || step.contains("(rowid<?)") || step.contains("(rowid>?)")
    }

    /// Returns the plan for any arguments; it reads whole tables only where no index can be used.
    private func postgresSteps(_ connection: any SQLConnection) throws -> [String] {
        let arguments = Array(repeating: "NULL", count: placeholders).joined(separator: ", ")
        try connection.execute("SET LOCAL enable_seqscan = off")
        try connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        try connection.execute(SQL(migration: "PREPARE examined AS \(text)"))
        let explain = "EXPLAIN EXECUTE examined" + (arguments.isEmpty ? "" : "(\(arguments))")
        let steps = try connection.query(SQL(migration: explain)).map { try $0.text(0) }
        try connection.execute("DEALLOCATE examined")
        try connection.execute("SET LOCAL enable_seqscan = on")
        try connection.execute("SET LOCAL plan_cache_mode = auto")
        return steps
    }

    private var placeholders: Int { (1...20).last { text.contains("$\($0)") } ?? 0 }

    /// The tables of the statement, and the names it gives them.
    private var names: Set<String> {
        var names = Self.tables
        for (index, word) in words.enumerated().dropFirst() where Self.tables.contains(String(word)) {
            guard ["FROM", "JOIN", "UPDATE", "INTO"].contains(words[index - 1]) else { continue }
            let rest = words[(index + 1)...].drop { $0 == "AS" }
            if let name = rest.first, name.first?.isLowercase == true { names.insert(String(name)) }
        }
        return names
    }
}
