// SPDX-License-Identifier: Apache-2.0

package import Loops
import RegistryStorage
import Synchronization

/// Hashes and checks passwords on its own threads, so that the slow work delays nothing else.
package final class PasswordHasher: Sendable {
    /// Bounds the memory and the time that a flood of sign-ins can consume.
    private static let waitingLimit = 128

    private let pool: BlockingPool
    private let cost: PasswordHash.Cost
    private let unknown: PasswordHash
    private let waiting = Mutex(0)

    /// Creates a hasher on a running pool; two threads are enough.
    package convenience init(pool: BlockingPool) {
        self.init(pool: pool, cost: .standard)
    }

    init(pool: BlockingPool, cost: PasswordHash.Cost) {
        self.pool = pool
        self.cost = cost
        unknown = PasswordHash(matchingNothing: cost)
    }

    /// Returns the text to store for a new password.
    func hash(_ password: String) async throws -> String {
        try await run { [cost] in try PasswordHash(of: password, cost: cost).text }
    }

    /// Returns whether a password matches a stored text; a missing text costs the same time and returns false.
    func verify(_ password: String, against text: String?) async throws -> Bool {
        let stored = text.flatMap { PasswordHash($0) }
        let candidate = stored ?? unknown
        let matches = try await run { try candidate.matches(password) }
        return matches && stored != nil
    }

    private func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let isAdmitted = waiting.withLock { count in
            guard count < Self.waitingLimit else { return false }
            count += 1
            return true
        }
        guard isAdmitted else {
            throw RegistryError.rateLimited(
                "too many passwords are being checked: try again in a few seconds, or use an access token"
            )
        }
        defer { waiting.withLock { $0 -= 1 } }
        // Skip the work if the client has disconnected.
        let givenUp = GivenUp()
        return try await withTaskCancellationHandler {
            try await pool.complete {
                guard !givenUp.flag.load(ordering: .relaxed) else { throw CancellationError() }
                return try work()
            }
        } onCancel: {
            givenUp.flag.store(true, ordering: .relaxed)
        }
    }

    private final class GivenUp: Sendable {
        let flag = Atomic(false)
    }
}
