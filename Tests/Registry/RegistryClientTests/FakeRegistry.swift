// SPDX-License-Identifier: Apache-2.0

import Digests
import FoundationEssentials
import HTTPClient
import HTTPMessages
import RegistryClient
import RegistryCore
import Synchronization
import Testing

@testable import RegistryAPI

/// A request as the fake registry saw it.
struct SeenRequest: Sendable {
    let method: String
    let url: String
    let headers: HTTPFields
    let body: [UInt8]

    func header(_ name: String) -> [String] { headers[values: HTTPField.Name(token: name)] }
}

/// What the fake registry does with one request.
enum Reply: Sendable {
    case answer(Int, headers: [(String, String)] = [], body: [UInt8] = [])
    /// The head promises everything, the connection breaks after these bytes.
    case cutOff(Int, headers: [(String, String)] = [], body: [UInt8])
    /// The connection breaks after these many bytes of the request's body.
    case cutOffRequest(after: Int)
    case connectionLost
    case failure(HTTPClientError)
    /// The task that asks is cancelled while it waits for the answer.
    case cancellation
    /// A piece that comes again and again.
    case endless(piece: [UInt8])

    static func json(_ record: some JSONRecord, status: Int = 200) -> Reply {
        .answer(status, headers: [("Content-Type", "application/json")], body: record.json.document)
    }

    static func refused(_ status: Int, _ code: String) -> Reply {
        .json(ErrorRecord(code: code, message: code, requestID: "1"), status: status)
    }
}

/// A transport that plays back replies in order and records requests and waits.
final class FakeRegistry: Sendable {
    private let replies: Mutex<[Reply]>
    private let seen = Mutex<[SeenRequest]>([])
    private let sleeps = Mutex<[Duration]>([])

    init(_ replies: [Reply]) {
        self.replies = Mutex(replies)
    }

    var requests: [SeenRequest] { seen.withLock { $0 } }
    var waits: [Duration] { sleeps.withLock { $0 } }

    /// A client of this registry with the token "sesame", which does not really wait.
    func client(
        _ address: String = "http://registry.test",
        timeouts: Timeouts = .standard
    ) throws -> RemoteRegistry {
        let environment = ClientEnvironment(
            transport: { try await self.answer($0) },
            sleep: { duration in self.sleeps.withLock { $0.append(duration) } },
            jitter: { 0 },
            now: { Timestamp(microseconds: 0) }
        )
        let token = try BearerToken("sesame")
        return RemoteRegistry(
            server: try ServerURL(address),
            token: token,
            timeouts: timeouts,
            environment: environment
        )
    }

    private func answer(_ request: HTTPClientRequest) async throws -> HTTPClientResponse {
        try Task.checkCancellation()
        let reply = replies.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        var limit = Int.max
        if case .cutOffRequest(let count) = reply { limit = count }
        var body: [UInt8] = []
        switch request.body {
        case .none: break
        case .bytes(let bytes): body = Array(bytes.prefix(limit))
        case .stream(let pieces, length: _):
            for try await piece in pieces {
                body += piece.prefix(limit - body.count)
                if body.count == limit { break }
            }
        }
        let record = SeenRequest(
            method: request.method.rawValue,
            url: request.url,
            headers: request.headers,
            body: body
        )
        seen.withLock { $0.append(record) }
        switch try #require(reply, "an unexpected \(request.method) \(request.url)") {
        case .answer(let status, let headers, let body):
            return response(status, headers, body: HTTPClientResponse.Body(Pieces(body)))
        case .cutOff(let status, let headers, let body):
            return response(status, headers, body: HTTPClientResponse.Body(Pieces(body, isBroken: true)))
        case .connectionLost, .cutOffRequest:
            throw HTTPClientError(.brokenOff)
        case .failure(let error): throw error
        case .cancellation:
            unsafe withUnsafeCurrentTask { task in unsafe task?.cancel() }
            throw CancellationError()
        case .endless(let piece): return response(200, [], body: HTTPClientResponse.Body(EndlessPieces(piece)))
        }
    }

    private func response(
        _ status: Int,
        _ headers: [(String, String)],
        body: HTTPClientResponse.Body
    ) -> HTTPClientResponse {
        HTTPClientResponse(
            status: HTTPResponse.Status(code: status),
            headers: headers.reduce(into: HTTPFields()) {
                $0.append(HTTPField(name: HTTPField.Name(token: $1.0), value: $1.1))
            },
            body: body
        )
    }
}

/// Some bytes, then their end or a lost connection.
private final class Pieces: HTTPClientBodySource {
    private let bytes: Mutex<[UInt8]>
    private let isBroken: Bool

    init(_ bytes: [UInt8], isBroken: Bool = false) {
        self.bytes = Mutex(bytes)
        self.isBroken = isBroken
    }

    func next() async throws -> [UInt8]? {
        let piece = bytes.withLock { bytes in
            defer { bytes = [] }
            return bytes
        }
        if piece.isEmpty, isBroken { throw HTTPClientError(.brokenOff) }
        return piece.isEmpty ? nil : piece
    }
}

/// The same piece for ever.
private final class EndlessPieces: HTTPClientBodySource {
    private let piece: [UInt8]

    init(_ piece: [UInt8]) {
        self.piece = piece
    }

    func next() async throws -> [UInt8]? {
        try Task.checkCancellation()
        return piece
    }
}

/// The SHA-256 of the bytes in hexadecimal.
func sha256(_ bytes: [UInt8]) throws -> String {
    try Digest(.sha256, bytes: Array(SHA256.hash(data: bytes))).hex
}

/// A record of a file with these bytes; the digests that the client does not use are empty.
func fileRecord(_ name: String, _ bytes: [UInt8]) throws -> FileRecord {
    FileRecord(
        name: name,
        size: Int64(bytes.count),
        md5: "",
        sha1: "",
        sha256: try sha256(bytes),
        sha512: "",
        createdAt: "",
        downloadCount: 0
    )
}

/// A record of tools/hello@1.0.0 with these files.
func versionRecord(_ files: [FileRecord]) -> VersionRecord {
    VersionRecord(owner: "tools", name: "hello", version: "1.0.0", creator: nil, createdAt: "", files: files)
}

/// The coordinate tools/hello@1.0.0/a.bin.
func coordinate() throws -> FileCoordinate {
    try PackageReference.file("a.bin", of: PackageReference.version(parsing: "tools/hello@1.0.0"))
}

/// What a transfer told of its progress.
final class ProgressNotes: Sendable {
    private let notes = Mutex<[[Int64]]>([])

    /// Each report as `[transferred, total]`.
    var all: [[Int64]] { notes.withLock { $0 } }

    func note(_ transferred: Int64, _ total: Int64) {
        notes.withLock { $0.append([transferred, total]) }
    }
}

/// Runs the body with an empty folder that is removed afterwards.
func withTemporaryFolder(_ body: (String) async throws -> Void) async throws {
    let path = FileManager.default.temporaryDirectory.path + "/granary-\(UInt64.random(in: .min ... .max))"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
}
