// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import Synchronization

/// The error for too many wrong passwords for one account or from one address.
package struct TooManySignIns: Error, Hashable, CustomStringConvertible {
    /// The time until the next password is checked.
    package let retryAfter: Duration

    package init(retryAfter: Duration) {
        self.retryAfter = retryAfter
    }

    /// One sentence that says what to do.
    package var description: String {
        "too many wrong passwords for this account or from this address: try again in \(seconds) s, "
            + "or use an access token"
    }

    /// The retry delay in whole seconds, rounded up.
    package var seconds: Int64 {
        let (seconds, rest) = retryAfter.components
        return max(1, rest > 0 ? seconds + 1 : seconds)
    }
}

/// Limits wrong passwords per minute, per account and per address; access tokens do not count.
///
/// Running checks count as wrong until they end, and further checks wait for them. A burst of guesses therefore gets
/// no more attempts than sequential ones, and a correct password is never rejected because of concurrent guesses.
package final class SignInLimit: Sendable {
    /// What attempts are counted by.
    ///
    /// A client-chosen text is stored as a hash only, so that its length does not matter. Texts with the same hash
    /// share a limit.
    enum Key: Hashable, Sendable {
        case account(Int64)
        case unknown(Int)
        case address(Int)

        /// Returns the key of a login name or address that no account has.
        static func unknown(_ login: String) -> Key { .unknown(login.hashValue) }

        /// Returns the key of a client's address.
        static func address(_ text: String) -> Key { .address(text.hashValue) }
    }

    private struct Tries {
        /// The times of the last wrong passwords, oldest first.
        var failures: [Timestamp] = []
        var running = 0
    }

    private struct State {
        var tries: [Key: Tries] = [:]
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private enum Admission {
        case admitted
        /// The outcome depends on checks that are still running.
        case undecided
        case refused(TooManySignIns)
    }

    private static let window = Duration.seconds(60)
    /// Bounds the memory that a flood of different names can consume.
    static let keyLimit = 10_000

    private let limit: Int
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    /// Creates a limit; the clock only has to measure elapsed time correctly.
    package init(limit: Int = 20, now: @escaping @Sendable () -> Timestamp) {
        self.limit = limit
        self.now = now
    }

    /// The number of tracked accounts, names and addresses.
    var keyCount: Int { state.withLock { $0.tries.count } }

    /// Runs a password check and returns its result; throws `TooManySignIns` without running it if the limit is
    /// reached.
    func run(_ keys: [Key], _ check: () async throws -> Bool) async throws -> Bool {
        try await begin(keys)
        do {
            let isRight = try await check()
            end(keys, isWrong: !isRight)
            return isRight
        } catch {
            end(keys, isWrong: false)
            throw error
        }
    }

    private func begin(_ keys: [Key]) async throws {
        while true {
            switch state.withLock({ admit(keys, &$0) }) {
            case .admitted: return
            case .refused(let refusal): throw refusal
            case .undecided: await waitForEnd(of: keys)
            }
            try Task.checkCancellation()
        }
    }

    private func admit(_ keys: [Key], _ state: inout State) -> Admission {
        let now = now()
        var isUndecided = false
        // A rejected attempt leaves no entry, so that ever new names do not use memory.
        for key in keys {
            let tries = Self.recent(state.tries[key] ?? Tries(), now)
            if tries.failures.count >= limit, let oldest = tries.failures.first {
                let wait = oldest.adding(Self.window).microseconds - now.microseconds
                return .refused(TooManySignIns(retryAfter: .microseconds(wait)))
            }
            if tries.failures.count + tries.running >= limit { isUndecided = true }
        }
        guard !isUndecided else { return .undecided }
        for key in keys {
            var tries = Self.recent(state.tries[key] ?? Tries(), now)
            tries.running += 1
            state.tries[key] = tries
        }
        return .admitted
    }

    private func end(_ keys: [Key], isWrong: Bool) {
        let now = now()
        let waiters = state.withLock { state in
            for key in keys {
                guard var tries = state.tries[key] else { continue }
                tries.running -= 1
                if isWrong { tries.failures.append(now) }
                state.tries[key] = tries.running > 0 || !tries.failures.isEmpty ? tries : nil
            }
            Self.makeRoom(&state, now)
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Waits until a check ends, unless one has ended meanwhile.
    private func waitForEnd(of keys: [Key]) async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let isWaiting = state.withLock { state in
                let isUndecided = keys.contains { key in
                    state.tries[key].map { $0.running > 0 && $0.failures.count + $0.running >= limit } ?? false
                }
                if isUndecided { state.waiters.append(continuation) }
                return isUndecided
            }
            if !isWaiting { continuation.resume() }
        }
    }

    /// Drops attempts that no longer count; a clock that was set back must not extend the wait.
    private static func recent(_ tries: Tries, _ now: Timestamp) -> Tries {
        var tries = tries
        tries.failures.removeAll { $0 > now || $0.adding(window) <= now }
        return tries
    }

    private static func makeRoom(_ state: inout State, _ now: Timestamp) {
        guard state.tries.count > keyLimit else { return }
        state.tries = state.tries.mapValues { recent($0, now) }.filter {
            $0.value.running > 0 || !$0.value.failures.isEmpty
        }
        guard state.tries.count > keyLimit else { return }
        state.tries = state.tries.filter { $0.value.running > 0 }
    }
}
