// SPDX-License-Identifier: Apache-2.0

import RegistryStorage

/// Undoes the transaction that throws it, and becomes its outcome.
struct Rollback<Outcome: Sendable>: Error {
    let outcome: Outcome

    init(_ outcome: Outcome) {
        self.outcome = outcome
    }
}

extension MetadataStore {
    /// Runs a transaction that may end early by throwing a `Rollback` of its outcome.
    func writeUnlessRolledBack<Outcome: Sendable>(
        telling change: Change? = nil,
        _ body: @escaping @Sendable (any SQLConnection) throws -> Outcome
    ) async throws -> Outcome {
        try await writeUnlessRolledBack(telling: change) { connection, _ in try body(connection) }
    }

    /// Does so, and tells the transaction whether it has lost against another one before.
    func writeUnlessRolledBack<Outcome: Sendable>(
        telling change: Change? = nil,
        _ body: @escaping @Sendable (any SQLConnection, _ isRetry: Bool) throws -> Outcome
    ) async throws -> Outcome {
        do {
            return try await writeRetrying(telling: change, body)
        } catch let rollback as Rollback<Outcome> {
            return rollback.outcome
        }
    }
}
