// SPDX-License-Identifier: Apache-2.0

import RegistryStorage
import RegistryTestSupport
import Synchronization
import Testing

@testable import RegistryMetadata

/// A change that may be cached is announced exactly once, to this process and to all others.
@Suite("Changes that are told", .timeLimit(.minutes(15)))
struct ToldChangeTests {
    private final class Observer: Sendable {
        private let changes = Mutex<[Change]>([])

        var all: [Change] { changes.withLock { $0 } }

        func note(_ change: Change) { changes.withLock { $0.append(change) } }
    }

    /// The source of an empty registry.
    private struct NoRows: ImportSource {
        let schema: Int64

        mutating func next() throws -> (table: ExportedTable, values: [SQLValue])? { nil }
    }

    /// The number of the schema, and nothing else of an export.
    private struct SchemaNumber: ExportSink {
        var number: Int64 = 0

        mutating func begin(schema: Int64) throws { number = schema }

        mutating func append(_ row: SQLRow, of table: ExportedTable) throws {}
    }

    private func run(_ body: (Metadata, RecordingDatabase) async throws -> Void) async throws {
        try await DatabaseBackend.sqlite.run { database, _ in
            let recorder = RecordingDatabase(database)
            let metadata = Metadata(database: recorder)
            try await metadata.schema.migrate(holder: "test") {}
            try await body(metadata, recorder)
        }
    }

    @Test("an operation tells its change to this process and to all others", arguments: ToldChange.all)
    func told(_ told: ToldChange) async throws {
        try await run { metadata, recorder in
            let world = try await ToldChange.World(metadata)
            let observer = Observer()
            metadata.database.observe(observer.note)
            _ = recorder.takeMessages()
            try await told.perform(world)
            let expected = told.change.map { [$0] } ?? []
            #expect(observer.all == expected)
            #expect(recorder.takeMessages() == expected.map(\.rawValue))
        }
    }

    @Test("an import, which replaces everything, tells a change of access")
    func imported() async throws {
        try await run { metadata, recorder in
            let schema = try await metadata.transfer.export { SchemaNumber() }.number
            let observer = Observer()
            metadata.database.observe(observer.note)
            _ = recorder.takeMessages()
            #expect(try await metadata.transfer.importRows { NoRows(schema: schema) } == 0)
            #expect(observer.all == [.access])
            #expect(recorder.takeMessages() == ["access"])
        }
    }

    @Test("a transaction that may have been committed is announced like one that was")
    func unknownOutcome() async throws {
        try await run { metadata, _ in
            let observer = Observer()
            metadata.database.observe(observer.note)
            await #expect(throws: SQLError.self) {
                try await metadata.database.write(telling: .access) { _ -> Void in
                    throw SQLError(.outcomeUnknown, "the connection was lost during the commit")
                }
            }
            #expect(observer.all == [.access])
            await #expect(throws: SQLError.self) {
                try await metadata.database.write(telling: .access) { _ -> Void in
                    throw SQLError(.full, "no space")
                }
            }
            #expect(observer.all == [.access], "nothing was changed")
        }
    }
}
