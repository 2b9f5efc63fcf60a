// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import Log
import Loops
import RegistryCore
import RegistryHTTP
import RegistryMetadata
import RegistryService
import RegistryTestSupport
import Synchronization
import Testing

@testable import RegistryServer

/// A whole registry without connections.
@Suite("Requests and their answers", .timeLimit(.minutes(15)))
struct ResponderTests {
    private static let path = "/api/packages/admin/generic/tool/1.0.0/tool.bin"
    private static let authorization = "Basic YWRtaW46Y29ycmVjdCBob3JzZSBiYXR0ZXJ5"

    private struct Fixture {
        let registry: Registry
        let responder: RegistryResponder
        let shutdown: Shutdown

        func ask(
            _ method: HTTPRequest.Method,
            _ target: String,
            _ headers: HTTPFields = [:],
            body: RequestBody = .empty,
            isAnonymous: Bool = false,
            limit: Int = .max
        ) async -> CapturedAnswer {
            var request = Request(
                method: method,
                target: target,
                headers: headers,
                contentLength: nil,
                body: body,
                clientAddress: "192.0.2.1"
            )
            if !isAnonymous { request.headers[.authorization] = ResponderTests.authorization }
            let answer = CapturedAnswer(limit: limit)
            await responder.handle(request, answer: AnswerWriter(answer))
            return answer
        }

        func publish(_ content: [UInt8], at path: String = ResponderTests.path) async {
            let answer = await ask(.put, path, body: RequestBody(Pieces([content])))
            #expect(answer.status == 201, "\(answer.text)")
        }

        /// How often the file was downloaded, as the database knows it.
        func count() async throws -> Int64 {
            _ = try await registry.downloads.flush()
            let owner = try #require(try await registry.metadata.accounts.owner(OwnerName("admin"), seenBy: nil)).owner
            let version = VersionCoordinate(
                owner: owner.name,
                package: try PackageName("tool"),
                version: try PackageVersion("1.0.0")
            )
            let found = try await registry.services.catalog.version(version, owner: owner)
            return found.files.first.reduce(0) { $0 + $1.downloadCount }
        }
    }

    /// Gives pieces, then waits for an interruption when it has to.
    private final class Pieces: RequestBodySource {
        private let pieces: Mutex<[[UInt8]]>
        private let interrupted: Shutdown?
        let isWaiting = AsyncStream.makeStream(of: Void.self)

        init(_ pieces: [[UInt8]], thenWaits: Bool = false) {
            self.pieces = Mutex(pieces)
            interrupted = thenWaits ? Shutdown() : nil
        }

        func next() async throws -> [UInt8]? {
            if let piece = pieces.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) { return piece }
            guard let interrupted else { return nil }
            isWaiting.continuation.yield()
            await interrupted.wait()
            throw BodyFailure.interrupted
        }

        func interrupt() { interrupted?.request() }
    }

    private func run(_ body: (Fixture) async throws -> Void) async throws {
        try await withTemporaryDirectory { parent in
            let shutdown = Shutdown()
            let registry = try await Registry.open(in: try .prepare(parent + "/data"), shutdown: shutdown)
            _ = try await registry.accounts.ensureAdministrator(name: "admin", password: "correct horse battery")
            var log = Logger(label: "test")
            log.logLevel = .critical
            let responder = RegistryResponder(
                routes: RouteTable(Routes.all),
                services: registry.services,
                hotFiles: registry.hotFiles,
                log: log
            )
            try await body(Fixture(registry: registry, responder: responder, shutdown: shutdown))
            try await registry.close()
        }
    }

    /// The answer that needs no wait.
    private func immediate(_ answers: any ImmediateAnswers, _ target: String = path) -> ImmediateAnswer? {
        unsafe Array(target.utf8).withUnsafeBytes { target in
            answers.answer(
                to: unsafe HeadView(
                    method: .get,
                    version: .http1_1,
                    fields: [],
                    target: target,
                    authorization: UnsafeRawBufferPointer(start: nil, count: 0),
                    clientAddress: "192.0.2.1",
                    isSecure: false
                )
            )
        }
    }

    @Test("what was published is downloaded again, whole, in parts, and not at all with HEAD", arguments: [5, 200_000])
    func download(_ size: Int) async throws {
        try await run { fixture in
            let content = (0..<size).map { UInt8($0 % 251) }
            await fixture.publish(content)
            let whole = await fixture.ask(.get, Self.path)
            #expect(whole.status == 200 && whole.content == content)
            let part = await fixture.ask(.get, Self.path, [.range: "bytes=1-3"])
            #expect(part.status == 206 && part.content == Array(content[1...3]))
            let parts = await fixture.ask(.get, Self.path, [.range: "bytes=0-0,3-4"])
            #expect(parts.status == 206 && parts.headers[.contentLength] == String(parts.content.count))
            let head = await fixture.ask(.head, Self.path)
            #expect(head.status == 200 && head.headers[.contentLength] == String(size) && head.content.isEmpty)
            #expect(head.headers[.eTag] == whole.headers[.eTag])
        }
    }

    @Test("every answer has an id of its own, refusals too")
    func identifiers() async throws {
        try await run { fixture in
            var seen: Set<String> = []
            for target in ["/healthz", "/nothing", "/api/v1/nothing", Self.path] {
                let id = try #require(await fixture.ask(.get, target).headers[.init(token: "X-Request-Id")])
                let isHexadecimal = id.allSatisfy(\.isHexDigit)
                #expect(id.count == 16 && isHexadecimal)
                #expect(seen.insert(id).inserted)
            }
        }
    }

    @Test("a download counts when its last byte was sent, and only then", arguments: [5, 200_000])
    func counts(_ size: Int) async throws {
        try await run { fixture in
            await fixture.publish([UInt8](repeating: 7, count: size))
            _ = await fixture.ask(.get, Self.path)
            let whole = try await fixture.count()
            #expect(whole == 1)
            _ = await fixture.ask(.get, Self.path, limit: size - 1)
            _ = await fixture.ask(.head, Self.path)
            _ = await fixture.ask(.get, Self.path, [.range: "bytes=0-3"])
            _ = await fixture.ask(.get, Self.path, [.range: "bytes=-9"], limit: 1)
            let others = try await fixture.count()
            #expect(others == 1, "broken off, without content, or without the last byte")
            _ = await fixture.ask(.get, Self.path, [.range: "bytes=2-"])
            let end = try await fixture.count()
            #expect(end == 2)
        }
    }

    @Test("a whole download is answered without a wait the next time, until it is deleted", arguments: [5, 200_000])
    func hot(_ size: Int) async throws {
        try await run { fixture in
            let answers = try #require(fixture.responder.makeImmediateAnswers())
            await fixture.publish([UInt8](repeating: 7, count: size))
            _ = await fixture.ask(.get, Self.path, [.range: "bytes=0-3"], isAnonymous: true)
            #expect(immediate(answers) == nil)
            let slow = await fixture.ask(.get, Self.path, isAnonymous: true)
            let answer = try #require(immediate(answers))
            #expect(answer.prepared.sizeInBytes == Int64(size) && slow.status == 200)
            answers.ended(answer, isComplete: true)
            #expect(try await fixture.count() == 2)
            #expect(await fixture.ask(.delete, Self.path).status == 204)
            #expect(immediate(answers) == nil)
            #expect(await fixture.ask(.get, Self.path, isAnonymous: true).status == 404)
        }
    }

    @Test(
        "a server that is told to stop ends a piece of an upload where it is, and keeps what came",
        .timeLimit(.minutes(15))
    )
    func stop() async throws {
        try await run { fixture in
            let begun = await fixture.ask(
                .post,
                "/api/granary/v1/uploads/admin/tool/1.0.0/tool.bin",
                [.init(token: "Upload-Length"): "10"]
            )
            let location = try #require(begun.headers[.location], "\(begun.text)")
            let source = Pieces([[1, 2, 3]], thenWaits: true)
            async let answer = fixture.ask(
                .patch,
                location,
                [.init(token: "Upload-Offset"): "0", .contentType: "application/offset+octet-stream"],
                body: RequestBody(source)
            )
            for await _ in source.isWaiting.stream { break }
            fixture.shutdown.request()
            let ended = await answer
            #expect(ended.status == 503 && ended.text.contains("3 of 10 bytes are kept"), "\(ended.text)")
            #expect(await fixture.ask(.head, location).headers[.init(token: "Upload-Offset")] == "3")
        }
    }
}
