// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

/// One step of the schema: forward only, applied once, never edited after a release.
struct Migration: Sendable {
    /// Its place in the order, without gaps.
    let number: Int64
    /// What it does, for the table of applied migrations.
    let name: String
    /// Its statements, with `{identity}`, `{bytes}` and `TEXT` where databases differ.
    let statements: [String]

    /// All steps, in order.
    static let all: [Migration] = [
        .initialSchema, .maintenance, .limits, .versionOrder, .uploads, .keptRoom, .deferredSize, .countedVersions,
    ]

    func statements(for dialect: SQLDialect) -> [SQL] {
        let words = [("{identity}", dialect.identity), ("{bytes}", dialect.bytes), (" TEXT", " " + dialect.text)]
        return statements.map { statement in
            SQL(migration: words.reduce(statement) { Self.fill($0, $1.0, $1.1) })
        }
    }

    private static func fill(_ text: String, _ word: String, _ replacement: String) -> String {
        text.split(separator: word, omittingEmptySubsequences: false).joined(separator: replacement)
    }
}
