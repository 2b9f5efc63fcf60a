// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage
import Synchronization

/// Counts the steps that a use case takes with its stores, and does something at one of them.
///
/// A step is a moment right before or right after an operation.
final class Steps: Sendable {
    enum Intervention: Sendable {
        /// The step throws; what was done before it stays done.
        case fail(any Error)
        /// The step lasts until the gate opens, and throws then: for the stores it is as if the process had died there.
        case freeze(Gate)
        /// Something else happens at that moment.
        case act(@Sendable () async throws -> Void)
    }

    private let at: Int
    private let lasts: Bool
    private let intervention: Intervention
    private let names = Mutex<[String]>([])

    /// Intervenes at the step of a number, counted from 0, and with `lasting` at every later one; a negative number means
    /// at none.
    init(at: Int, lasting lasts: Bool = false, _ intervention: Intervention) {
        self.at = at
        self.lasts = lasts
        self.intervention = intervention
    }

    /// What was done so far.
    var log: [String] { names.withLock { $0 } }

    /// Whether the step with the intervention was reached.
    var wasReached: Bool { at >= 0 && log.count > at }

    func take(_ name: String) async throws {
        let number = names.withLock { names in
            names.append(name)
            return names.count - 1
        }
        guard lasts ? number >= at : number == at else { return }
        switch intervention {
        case .fail(let error): throw error
        case .freeze(let gate):
            await gate.pass()
            throw CancellationError()
        case .act(let action): try await action()
        }
    }
}

/// A database with steps in front of and behind each transaction.
struct SteppedDatabase: SQLDatabase {
    let base: any SQLDatabase
    let steps: Steps

    var dialect: SQLDialect { base.dialect }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await steps.take("before read")
        return try await base.read(body)
    }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value {
        try await steps.take("before write")
        let value = try await base.write(body)
        try await steps.take("after write")
        return value
    }

    func notifications() -> AsyncStream<SQLNotification>? { base.notifications() }

    func checkHealth() async throws { try await base.checkHealth() }

    func close() async throws { try await base.close() }
}

/// A blob store with steps in front of and behind each change.
struct SteppedBlobStore: BlobStore {
    let base: any BlobStore
    let steps: Steps

    func commit(_ staged: StagedContent, as key: BlobKey) async throws {
        try await steps.take("before commit")
        try await base.commit(staged, as: key)
        try await steps.take("after commit")
    }

    func open(_ key: BlobKey, reading range: Range<Int64>?) async throws -> any OpenBlob {
        try await base.open(key, reading: range)
    }

    func temporaryURL(for key: BlobKey, as fileName: String, lifetime: Duration) -> String? {
        base.temporaryURL(for: key, as: fileName, lifetime: lifetime)
    }

    func sizeInBytes(of key: BlobKey) async throws -> Int64? { try await base.sizeInBytes(of: key) }

    func remove(_ key: BlobKey) async throws {
        try await steps.take("before remove")
        try await base.remove(key)
        try await steps.take("after remove")
    }

    func list(after key: BlobKey?, limit: Int) async throws -> [StoredContent] {
        try await base.list(after: key, limit: limit)
    }

    func removeUnfinished(olderThan age: Duration) async throws -> Int {
        try await base.removeUnfinished(olderThan: age)
    }

    func checkHealth() async throws { try await base.checkHealth() }
}

extension PublishFixture {
    /// The database with steps around it.
    func stepped(_ steps: Steps) -> (database: any SQLDatabase, blobs: any BlobStore) {
        (SteppedDatabase(base: database, steps: steps), SteppedBlobStore(base: blobs, steps: steps))
    }
}
