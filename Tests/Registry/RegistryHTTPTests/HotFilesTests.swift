// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryCore
import Testing

@testable import RegistryHTTP
@testable import RegistryService

@Suite("Hot files")
struct HotFilesTests {
    private let cache = CredentialCache { Timestamp(microseconds: 0) }
    private let path = "/api/packages/o/generic/p/1.0.0/f"

    private func makeFiles(isEnabled: Bool = true) -> HotFiles {
        HotFiles(isEnabled: isEnabled, cache: cache)
    }

    private func makeEntry(_ size: Int = 3, for actor: Actor = .anonymous) -> HotFiles.Entry {
        HotFiles.Entry(
            fileID: 1,
            template: HotTemplate([:], content: ByteBuffer(repeating: 1, count: size)),
            file: nil,
            sizeInBytes: Int64(size),
            readers: [actor]
        )
    }

    private func makeActor(_ id: Int64) throws -> Actor {
        let account = Account(
            id: id,
            name: try OwnerName("user\(id)"),
            isAdministrator: false,
            isActive: true,
            isLoginProhibited: false,
            isRestricted: false
        )
        return .account(account, token: nil)
    }

    @Test("an answer is given again to those it was given to, and to nobody else")
    func readers() throws {
        let files = makeFiles()
        let (first, second) = (try makeActor(1), try makeActor(2))
        files.remember(makeEntry(for: first), at: path, for: first, since: files.now)
        #expect(files.entry(path, for: first) != nil)
        #expect(files.entry(path, for: second) == nil)
        #expect(files.entry(path, for: .anonymous) == nil)
        files.remember(makeEntry(for: second), at: path, for: second, since: files.now)
        #expect(files.entry(path, for: second) != nil)
    }

    @Test("a delete drops everything, and what was read before it is not kept after it")
    func delete() {
        let files = makeFiles()
        let before = files.now
        files.remember(makeEntry(), at: path, for: .anonymous, since: before)
        files.forgetAll()
        #expect(files.entry(path, for: .anonymous) == nil)
        files.remember(makeEntry(), at: path, for: .anonymous, since: before)
        #expect(files.entry(path, for: .anonymous) == nil)
        files.remember(makeEntry(), at: path, for: .anonymous, since: files.now)
        #expect(files.entry(path, for: .anonymous) != nil)
    }

    @Test("a change of an account does the same")
    func account() {
        let files = makeFiles()
        let before = files.now
        files.remember(makeEntry(), at: path, for: .anonymous, since: before)
        cache.forgetAll()
        #expect(files.entry(path, for: .anonymous) == nil)
        files.remember(makeEntry(), at: path, for: .anonymous, since: before)
        #expect(files.entry(path, for: .anonymous) == nil)
    }

    @Test("memory is bounded")
    func bound() {
        let files = makeFiles()
        for number in 0..<1000 {
            files.remember(makeEntry(64 * 1024), at: "/\(number)", for: .anonymous, since: files.now)
        }
        let kept = (0..<1000).count { files.entry("/\($0)", for: .anonymous) != nil }
        #expect((1...512).contains(kept), "32 MiB hold 512 of them")
        #expect(files.entry("/999", for: .anonymous) != nil, "the newest is kept")
    }

    @Test("nothing is kept when it is switched off")
    func off() {
        let files = makeFiles(isEnabled: false)
        files.remember(makeEntry(), at: path, for: .anonymous, since: files.now)
        #expect(files.entry(path, for: .anonymous) == nil)
    }

    @Test(
        "a request that asks for more than the whole file takes the ordinary way",
        arguments: [
            ("Range", "bytes=0-1"), ("if-none-match", "*"), ("If-Match", "*"), ("If-Range", "\"a\""),
            ("If-Modified-Since", "x"), ("If-Unmodified-Since", "x"), ("Expect", "100-continue"),
            ("Connection", "close"), ("Content-Length", "0"), ("Transfer-Encoding", "chunked"),
        ]
    )
    func special(name: String, value: String) {
        guard case .special = HotRequestFields(["Host": "h", name: value]) else {
            Issue.record("\(name) was overlooked")
            return
        }
    }

    @Test("the usual fields of clients do not matter, and the credentials are found")
    func plain() {
        let fields: HTTPHeaders = [
            "Host": "h", "User-Agent": "curl/8", "Accept": "*/*", "Connection": "Keep-Alive",
            "authorization": "token t",
        ]
        guard case .plain(let authorization) = HotRequestFields(fields) else {
            Issue.record("it was taken for a special request")
            return
        }
        #expect(authorization == "token t")
        var twice = fields
        twice.add(name: "Authorization", value: "token u")
        guard case .special = HotRequestFields(twice) else {
            Issue.record("two credentials were taken for one")
            return
        }
    }
}
