// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import Synchronization

/// Too many wrong passwords came for one account or from one address.
package struct TooManySignIns: Error, Hashable, CustomStringConvertible {
    /// When the next password will be looked at.
    package let retryAfter: Duration

    package init(retryAfter: Duration) {
        self.retryAfter = retryAfter
    }

    /// One sentence that says what to do.
    package var description: String {
        "too many wrong passwords for this account or from this address: try again in \(seconds) s, "
            + "or use an access token"
    }

    /// The same in whole seconds, rounded up.
    package var seconds: Int64 {
        let (seconds, rest) = retryAfter.components
        return max(1, rest > 0 ? seconds + 1 : seconds)
    }
}

/// Lets at most so many wrong passwords a minute be tried on one account and from one address; access tokens do not count.
///
/// Checks that run at the same time count as wrong until they end: further ones wait for that, so that a burst of guesses
/// gets no more tries than a row of them, and nobody with the right password is refused for the company.
package final class SignInLimit: Sendable {
    /// What tries are counted by.
    ///
    /// Of texts that clients choose it holds a number only, however long they are: of those that have the same number by
    /// chance, one is slowed for the other.
    enum Key: Hashable, Sendable {
        case account(Int64)
        case unknown(Int)
        case address(Int)

        /// A name or an address that no account has.
        static func unknown(_ login: String) -> Key { .unknown(login.hashValue) }

        /// Where a client comes from.
        static func address(_ text: String) -> Key { .address(text.hashValue) }
    }

    private struct Tries {
        /// When the last wrong passwords came, the oldest first.
        var failures: [Timestamp] = []
        var running = 0
    }

    private struct State {
        var tries: [Key: Tries] = [:]
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private enum Admission {
        case admitted
        /// Checks that run now decide.
        case undecided
        case refused(TooManySignIns)
    }

    private static let window = Duration.seconds(60)
    /// Bounds the memory that a flood of different names can take.
    static let keyLimit = 10_000

    private let limit: Int
    private let now: @Sendable () -> Timestamp
    private let state = Mutex(State())

    /// Judges by a clock that needs to be right only about how much time passes.
    package init(limit: Int = 20, now: @escaping @Sendable () -> Timestamp) {
        self.limit = limit
        self.now = now
    }

    /// How many accounts, names and addresses are remembered.
    var keyCount: Int { state.withLock { $0.tries.count } }

    /// Runs a check and returns what it says, whether the password was right; throws `TooManySignIns` instead of running it.
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
        // Nothing is kept of what is refused: whoever is slowed may go on with ever new names.
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

    /// Waits until some check ends, unless what was waited for happened meanwhile.
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

    /// What of some tries still counts; a clock that was set back must not prolong anything.
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
