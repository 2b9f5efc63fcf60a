// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryTestSupport
import Synchronization
import Testing

@testable import RegistryService

@Suite("Wrong passwords", .timeLimit(.minutes(15)))
struct SignInLimitTests {
    private final class Counter: Sendable {
        private let value = Mutex(0)

        var count: Int { value.withLock { $0 } }

        func add() { value.withLock { $0 += 1 } }
    }

    private let clock = ManualClock()

    private func makeLimit(_ count: Int = 20) -> SignInLimit {
        SignInLimit(limit: count, now: clock.now)
    }

    @Test("after twenty of them in a minute no password is looked at until the first of them is a minute old")
    func window() async throws {
        let limit = makeLimit()
        for _ in 0..<20 {
            #expect(try await !limit.run([.account(1)]) { false })
            clock.advance(by: .seconds(2))
        }
        let refusal = await #expect(throws: TooManySignIns.self) { try await limit.run([.account(1)]) { true } }
        #expect(refusal?.seconds == 20)
        #expect(try await limit.run([.account(2)]) { true })
        clock.advance(by: .seconds(19))
        await #expect(throws: TooManySignIns.self) { try await limit.run([.account(1)]) { true } }
        clock.advance(by: .seconds(1))
        #expect(try await !limit.run([.account(1)]) { false })
        await #expect(throws: TooManySignIns.self) { try await limit.run([.account(1)]) { true } }
    }

    @Test("they count for the account and for the address, each by itself")
    func keys() async throws {
        let limit = makeLimit(3)
        for number in 0..<3 { _ = try await limit.run([.account(Int64(number)), .address("a")]) { false } }
        await #expect(throws: TooManySignIns.self) { try await limit.run([.account(9), .address("a")]) { true } }
        #expect(try await limit.run([.account(0), .address("b")]) { true })
    }

    @Test("right passwords do not count, and a check that fails counts as no try")
    func right() async throws {
        let limit = makeLimit(2)
        for _ in 0..<10 { #expect(try await limit.run([.address("a")]) { true }) }
        for _ in 0..<10 {
            await #expect(throws: CancellationError.self) {
                try await limit.run([.address("a")]) { throw CancellationError() }
            }
        }
        #expect(try await !limit.run([.address("a")]) { false })
    }

    @Test("nothing is kept of what is refused, nor of what was right")
    func refusalsAreForgotten() async throws {
        let limit = makeLimit()
        for number in 0..<20 { _ = try await limit.run([.unknown("name \(number)"), .address("a")]) { false } }
        #expect(limit.keyCount == 21)
        for number in 0..<1000 {
            let keys = [SignInLimit.Key.unknown(String(repeating: "n\(number)", count: 2000)), .address("a")]
            await #expect(throws: TooManySignIns.self) { try await limit.run(keys) { false } }
        }
        #expect(limit.keyCount == 21)
        for number in 0..<1000 { _ = try await limit.run([.account(Int64(number)), .address("b \(number)")]) { true } }
        #expect(limit.keyCount == 21)
    }

    @Test("so many names and addresses are remembered at most, for a minute each")
    func bound() async throws {
        let limit = makeLimit()
        for number in 0..<(SignInLimit.keyLimit + 100) { _ = try await limit.run([.unknown("n \(number)")]) { false } }
        #expect(limit.keyCount <= SignInLimit.keyLimit)
        for number in 0..<5000 { _ = try await limit.run([.unknown("m \(number)")]) { false } }
        clock.advance(by: .seconds(61))
        for number in 0..<5500 { _ = try await limit.run([.unknown("o \(number)")]) { false } }
        #expect(limit.keyCount <= SignInLimit.keyLimit)
    }

    @Test("a name takes a few bytes however long it is")
    func size() {
        #expect(MemoryLayout<SignInLimit.Key>.size <= 16)
    }

    @Test("so many credentials are remembered at most")
    func credentials() throws {
        let cache = CredentialCache(limit: 100, now: clock.now)
        for number in 0..<1000 {
            cache.remember(.anonymous, for: cache.key("token", "\(number)"), remaining: nil, in: cache.generation)
            #expect(cache.count <= 100)
        }
    }

    @Test("so many clients that download are remembered at most")
    func downloads() {
        let start = ContinuousClock.now
        var open = OpenDownloads(now: start)
        for number in 0..<20_000 {
            open.begin(OpenDownloads.Key(file: 1, client: "client \(number)"), at: start)
            if number.isMultiple(of: 3) {
                _ = open.complete(OpenDownloads.Key(file: 2, client: "other \(number)"), at: start)
            }
            #expect(open.count <= 2 * OpenDownloads.capacity)
        }
    }

    @Test("a burst of guesses gets no more tries than a row of them")
    func burst() async throws {
        let limit = makeLimit()
        let checks = Counter()
        let refusals = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    do {
                        _ = try await limit.run([.account(Int64(number)), .address("a")]) {
                            checks.add()
                            await Task.yield()
                            return false
                        }
                        return false
                    } catch {
                        return error is TooManySignIns
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(checks.count == 20)
        #expect(refusals == 180)
    }

    @Test("a burst of right passwords is let through as a whole")
    func rightBurst() async throws {
        let limit = makeLimit()
        let passed = try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<200 {
                group.addTask {
                    try await limit.run([.account(Int64(number)), .address("a")]) {
                        await Task.yield()
                        return true
                    }
                }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(passed == 200)
    }

    @Test("a valid access token is never locked out, nor a password that was right a moment ago")
    func tokens() async throws {
        try await AccountsFixture.run { fixture in
            try await fixture.makeUser("alice")
            let secret = try await fixture.makeToken(for: "alice")
            let right = Credentials.basic(user: "alice", password: AccountsFixture.password)
            #expect(try await fixture.accepts(right) == "alice")
            for number in 0..<20 {
                let wrong = Credentials.basic(
                    user: number.isMultiple(of: 2) ? "alice" : "ALICE@example.org",
                    password: "no \(number)"
                )
                #expect(try await fixture.accepts(wrong) == nil)
            }
            let wrong = Credentials.basic(user: "alice", password: "no more")
            await #expect(throws: TooManySignIns.self) { try await fixture.authenticate(wrong) }
            #expect(try await fixture.accepts(.token(secret)) == "alice")
            #expect(try await fixture.accepts(.basic(user: "alice", password: secret)) == "alice")
            #expect(try await fixture.accepts(right) == "alice")
            fixture.clock.advance(by: .seconds(61))
            #expect(try await fixture.accepts(right) == "alice")
        }
    }
}
