// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import Log
import Loops
import RegistryCore
import RegistryMetadata
import RegistryStorage
import Synchronization
import Testing

@testable import RegistryHTTP
@testable import RegistryService

/// What a loop answers without a wait; nothing here can be asked of a database.
@Suite("Hot answers on a loop", .timeLimit(.minutes(15)))
struct HotLoopTests {
    private let cache = CredentialCache { Timestamp(microseconds: 0) }
    private let files: HotFiles
    private let authenticate: Authenticate
    private let downloads: DownloadCounter
    private let path = "/api/packages/o/generic/p/1.0.0/f"

    init() {
        let metadata = Metadata(database: NoDatabase())
        files = HotFiles(isEnabled: true, cache: cache)
        authenticate = Authenticate(
            metadata: metadata,
            hasher: PasswordHasher(pool: BlockingPool(name: "passwords", threads: 1)),
            cache: cache,
            limit: SignInLimit { Timestamp(microseconds: 0) }
        )
        downloads = DownloadCounter(metadata: metadata)
    }

    private func makeLoop() throws -> HotLoop {
        var log = Logger(label: "test")
        log.logLevel = .critical
        return try #require(files.makeAnswers(authenticate: authenticate, downloads: downloads, log: log))
    }

    private func remember(_ path: String, for caller: Caller = .anonymous, content: PreparedAnswer.Content? = nil) {
        let answer = PreparedAnswer(
            [:],
            variable: .xRequestID,
            content: content ?? .bytes([1, 2, 3]),
            token: 7,
            target: Array(path.utf8)
        )
        files.remember(answer, for: caller, since: files.now)
    }

    private func ask(
        _ loop: HotLoop,
        _ target: String,
        method: HeadView.Method = .get,
        version: HTTPVersion = .http1_1,
        fields: HeadView.Fields = [],
        authorization: String? = nil,
        client: String? = "192.0.2.1"
    ) -> ImmediateAnswer? {
        let value = Array((authorization ?? "").utf8)
        return unsafe Array(target.utf8).withUnsafeBytes { target in
            unsafe value.withUnsafeBytes { value in
                loop.answer(
                    to: unsafe HeadView(
                        method: method,
                        version: version,
                        fields: authorization == nil ? fields : fields.union(.authorization),
                        target: target,
                        authorization: value,
                        clientAddress: client,
                        isSecure: false
                    )
                )
            }
        }
    }

    private func alice() throws -> Caller {
        .account(
            Account(
                id: 1,
                name: try OwnerName("alice"),
                isAdministrator: false,
                isActive: true,
                isLoginProhibited: false,
                isRestricted: false
            ),
            token: nil
        )
    }

    @Test("what one loop remembers, every loop answers, whatever the version of HTTP")
    func shared() throws {
        let (one, two) = (try makeLoop(), try makeLoop())
        #expect(ask(one, path) == nil)
        remember(path)
        for loop in [one, two] {
            for version in [HTTPVersion.http1_1, .http2] {
                let answer = ask(loop, path, version: version)
                #expect(answer?.prepared.token == 7 && answer?.prepared.sizeInBytes == 3)
            }
        }
        #expect(ask(one, path + "/") == nil)
        #expect(ask(one, path, version: .http1_0) == nil, "whose connections end with their answer")
    }

    @Test("every answer has an id of its own")
    func identifiers() throws {
        let loop = try makeLoop()
        remember(path)
        let texts = (0..<100).compactMap { _ in ask(loop, path).map { RequestID(digits: $0.variable).text } }
        #expect(Set(texts).count == 100)
        #expect(texts.allSatisfy { $0.count == 16 && $0.allSatisfy(\.isHexDigit) })
    }

    @Test(
        "a request that asks for more than the whole file takes the ordinary way",
        arguments: [HeadView.Fields.range, .condition, .expect, .cookie, .ambiguous, [.range, .condition]]
    )
    func special(_ fields: HeadView.Fields) throws {
        let loop = try makeLoop()
        remember(path)
        #expect(ask(loop, path, fields: fields) == nil)
        #expect(ask(loop, path) != nil)
    }

    @Test("what is not a GET takes the ordinary way", arguments: [HeadView.Method.head, .other])
    func methods(_ method: HeadView.Method) throws {
        let loop = try makeLoop()
        remember(path)
        #expect(ask(loop, path, method: method) == nil)
    }

    @Test("an answer is given to those it was given to, by the credentials that are remembered")
    func credentials() throws {
        let loop = try makeLoop()
        let (secret, other) = (AccessTokenSecret().text, AccessTokenSecret().text)
        let caller = try alice()
        remember(path, for: caller)
        #expect(ask(loop, path) == nil, "not to anybody")
        #expect(ask(loop, path, authorization: "token \(secret)") == nil, "not before the credential was verified")
        cache.remember(caller, for: cache.key("token", secret), remaining: nil, in: cache.generation)
        for _ in 0..<3 { #expect(ask(loop, path, authorization: "token \(secret)") != nil) }
        #expect(ask(loop, path, authorization: "Bearer \(secret)") != nil)
        #expect(ask(loop, path, authorization: "token \(other)") == nil)
        #expect(ask(loop, path, authorization: "") == nil)
        #expect(ask(loop, path, authorization: "Digest x") == nil)
        // Kept by the loop without the new reader.
        remember(path)
        #expect(ask(loop, path) != nil)
    }

    @Test("nothing is answered after a delete, and after a change of an account, not even to a known caller")
    func forgotten() throws {
        let loop = try makeLoop()
        let secret = AccessTokenSecret().text
        let caller = try alice()
        for forget in [files.forgetAll, cache.forgetAll] {
            cache.remember(caller, for: cache.key("token", secret), remaining: nil, in: cache.generation)
            remember(path, for: caller)
            #expect(ask(loop, path, authorization: "token \(secret)") != nil)
            forget()
            #expect(ask(loop, path, authorization: "token \(secret)") == nil)
        }
        // The answer is there again, the credential is not.
        remember(path, for: caller)
        #expect(ask(loop, path, authorization: "token \(secret)") == nil)
    }

    @Test("a node that does not hear the others answers nothing")
    func deaf() throws {
        let loop = try makeLoop()
        remember(path)
        #expect(ask(loop, path) != nil)
        cache.trust(until: .now - .seconds(1))
        #expect(ask(loop, path) == nil)
    }

    @Test("an answer counts as a download when it was sent to its end")
    func count() async throws {
        let loop = try makeLoop()
        remember(path)
        let answers = try (0..<3).map { _ in try #require(ask(loop, path)) }
        loop.ended(answers[0], isComplete: true)
        loop.ended(answers[1], isComplete: false)
        loop.ended(answers[2], isComplete: true)
        #expect(downloads.counts.withLock { $0 } == [7: 2])
    }

    @Test("of a large file a client completes no more downloads than it began")
    func largeFiles() throws {
        final class File: FileContent {
            let descriptor: Int32 = -1
        }
        let loop = try makeLoop()
        remember(path, content: .file(File(), sizeInBytes: 5 << 20))
        let answer = try #require(ask(loop, path, client: "2001:db8::1"))
        #expect(answer.client == "2001:db8::1")
        loop.ended(answer, isComplete: true)
        // A client's whole network is one client, whose only download is complete already.
        let neighbour = ImmediateAnswer(
            prepared: answer.prepared,
            variable: answer.variable,
            start: 0,
            client: "2001:db8::2"
        )
        loop.ended(neighbour, isComplete: true)
        #expect(downloads.counts.withLock { $0 } == [7: 1])
        #expect(ask(loop, path, fields: .forwarded) == nil, "whose client is found out on the ordinary way")
        #expect(ask(loop, path, client: nil)?.client == nil)
    }

    @Test("the tables of all loops together are bounded as the common one is")
    func bounds() throws {
        let loops = try (0..<4).map { _ in try makeLoop() }
        for number in 0..<400 {
            remember("/\(number)", content: .bytes([UInt8](repeating: 1, count: 64 * 1024)))
            for loop in loops { #expect(ask(loop, "/\(number)") != nil) }
        }
        for loop in loops { #expect((1...128).contains(loop.table.count)) }
    }
}

/// A database that is never there.
struct NoDatabase: SQLDatabase {
    let dialect = SQLDialect.sqlite

    private let failure = SQLError(.unavailable, "there is no database")

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value { throw failure }

    func write<Value: Sendable>(
        _ body: @escaping @Sendable (any SQLConnection) throws -> Value
    ) async throws -> Value { throw failure }

    func notifications() -> AsyncStream<SQLNotification>? { nil }
    func checkHealth() async throws { throw failure }
    func close() async throws {}
}
