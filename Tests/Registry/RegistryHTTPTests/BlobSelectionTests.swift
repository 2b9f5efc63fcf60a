// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryHTTP

@Suite("Selecting content", .timeLimit(.minutes(15)))
struct BlobSelectionTests {
    /// A file of 1000 bytes.
    private func file() throws -> StoredFile {
        let sha256 = try Digest.sha256(of: [1])
        let key = BlobKey(sha256: sha256, upload: UploadID(1, 2))
        return StoredFile(
            id: 1,
            name: try FileName("a b.bin"),
            blob: StoredBlob(id: 1, key: key, sizeInBytes: 1000, sha256: sha256, digests: nil),
            createdAt: Timestamp(microseconds: 1_700_000_000_000_000),
            downloadCount: 0
        )
    }

    private func request(_ method: HTTPRequest.Method, _ fields: [(HTTPField.Name, String)]) -> Request {
        var headers = HTTPFields()
        for (name, value) in fields { headers[name] = value }
        return Request(method: method, target: "/", headers: headers)
    }

    static let tag = "\"4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a\""

    struct Case: Sendable {
        var method = HTTPRequest.Method.get
        let fields: [(HTTPField.Name, String)]
        let status: Int
        var length: String?
        var range: String?
        var hasBody = false
    }

    static let cases = [
        Case(fields: [], status: 200, length: "1000", hasBody: true),
        Case(method: .head, fields: [], status: 200, length: "1000"),
        Case(fields: [(.range, "bytes=0-0")], status: 206, length: "1", range: "bytes 0-0/1000", hasBody: true),
        Case(
            fields: [(.range, "bytes=990-2000")],
            status: 206,
            length: "10",
            range: "bytes 990-999/1000",
            hasBody: true
        ),
        Case(fields: [(.range, "bytes=-1")], status: 206, length: "1", range: "bytes 999-999/1000", hasBody: true),
        Case(fields: [(.range, "bytes=1000-")], status: 416, range: "bytes */1000"),
        Case(fields: [(.range, "bytes=5-1")], status: 200, length: "1000", hasBody: true),
        Case(fields: [(.range, "lines=1-2")], status: 200, length: "1000", hasBody: true),
        Case(method: .head, fields: [(.range, "bytes=0-0")], status: 200, length: "1000"),
        Case(fields: [(.ifNoneMatch, tag)], status: 304),
        Case(fields: [(.ifNoneMatch, "*")], status: 304),
        Case(fields: [(.ifNoneMatch, "W/" + tag)], status: 304),
        Case(method: .head, fields: [(.ifNoneMatch, tag)], status: 304),
        Case(fields: [(.ifNoneMatch, "\"other\"")], status: 200, length: "1000", hasBody: true),
        Case(fields: [(.ifMatch, tag)], status: 200, length: "1000", hasBody: true),
        Case(fields: [(.ifMatch, "\"other\"")], status: 412),
        Case(fields: [(.ifNoneMatch, tag), (.range, "bytes=0-0")], status: 304),
        Case(
            fields: [(.ifRange, tag), (.range, "bytes=0-0")],
            status: 206,
            length: "1",
            range: "bytes 0-0/1000",
            hasBody: true
        ),
        Case(fields: [(.ifRange, "\"other\""), (.range, "bytes=0-0")], status: 200, length: "1000", hasBody: true),
        Case(fields: [(.ifRange, "\"other\""), (.range, "bytes=5000-")], status: 200, length: "1000", hasBody: true),
    ]

    @Test("ranges and conditions of RFC 9110", arguments: cases)
    func selection(_ example: Case) throws {
        let file = try file()
        let selection = BlobSelection(request(example.method, example.fields), of: file)
        #expect(selection.hasBody == example.hasBody)
        let response = answer(selection, of: file)
        #expect(response.status.code == example.status)
        #expect(response.headers[.contentRange] == example.range)
        if [200, 206, 304].contains(example.status) {
            #expect(response.headers[.contentLength] == example.length)
            #expect(response.headers[.eTag] == Self.tag)
        } else {
            #expect((response.body.contentLength ?? 0) > 0, "a refusal has a sentence")
        }
    }

    /// The answer, also when it is a refusal.
    private func answer(_ selection: BlobSelection, of file: StoredFile) -> Response {
        do {
            return try Response(selection, of: file, sharing: .public)
        } catch {
            return ErrorResponse(error).response(to: request(.get, []), requestID: "1")
        }
    }

    @Test("a download says what it is, and cannot run in a browser")
    func headers() throws {
        for visibility in Visibility.allCases {
            let file = try file()
            let selection = BlobSelection(request(.get, []), of: file)
            let headers = try Response(selection, of: file, sharing: visibility).headers
            #expect(headers[.contentType] == "application/octet-stream")
            #expect(headers[.lastModified] == "Tue, 14 Nov 2023 22:13:20 GMT")
            #expect(headers[.acceptRanges] == "bytes")
            #expect(headers[.contentDisposition] == "attachment; filename=\"a b.bin\"")
            #expect(headers[.xContentTypeOptions] == "nosniff")
            #expect(headers[.contentSecurityPolicy] == "default-src 'none'; sandbox")
            #expect(headers[.reprDigest] == "sha-256=:S/USLzRFVMU73i67jNK349FgCtYxw4Wl18ziPHeFRZo=:")
            #expect(headers[.cacheControl]?.hasPrefix(visibility == .public ? "public" : "private") == true)
        }
    }
}
