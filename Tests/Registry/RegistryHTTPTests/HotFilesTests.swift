// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryCore
import Testing

@testable import RegistryHTTP
@testable import RegistryService

@Suite("Hot files", .timeLimit(.minutes(15)))
struct HotFilesTests {
    private let cache = CredentialCache { Timestamp(microseconds: 0) }
    private let path = "/api/packages/o/generic/p/1.0.0/f"

    private func makeFiles(isEnabled: Bool = true) -> HotFiles {
        HotFiles(isEnabled: isEnabled, cache: cache)
    }

    private func makeAnswer(to path: String, _ size: Int = 3) -> PreparedAnswer {
        PreparedAnswer(
            [:],
            variable: .xRequestID,
            content: .bytes([UInt8](repeating: 1, count: size)),
            token: 1,
            target: Array(path.utf8)
        )
    }

    private func makeCaller(_ id: Int64) throws -> Caller {
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

    /// Whether there is an answer that may be given now.
    private func has(_ files: HotFiles, _ path: String, for caller: Caller = .anonymous) -> Bool {
        guard let moment = files.trustedMoment else { return false }
        return unsafe Array(path.utf8).withUnsafeBytes { target in
            let hash = unsafe HotAnswer.hash(of: target)
            return unsafe files.answer(to: target, hash, at: moment)?.isFor(caller) ?? false
        }
    }

    @Test("an answer is given again to those it was given to, and to nobody else")
    func readers() throws {
        let files = makeFiles()
        let (first, second) = (try makeCaller(1), try makeCaller(2))
        files.remember(makeAnswer(to: path), for: first, since: files.now)
        #expect(has(files, path, for: first))
        #expect(!has(files, path, for: second))
        #expect(!has(files, path, for: .anonymous))
        files.remember(makeAnswer(to: path), for: second, since: files.now)
        #expect(has(files, path, for: first))
        #expect(has(files, path, for: second))
    }

    @Test("an answer has at most 64 readers")
    func boundOfReaders() throws {
        let files = makeFiles()
        let callers = try (1...70).map { try makeCaller($0) }
        for caller in callers { files.remember(makeAnswer(to: path), for: caller, since: files.now) }
        #expect(callers.count { has(files, path, for: $0) } == 64)
    }

    @Test("a delete drops everything, and what was read before it is not kept after it")
    func delete() {
        let files = makeFiles()
        let before = files.now
        files.remember(makeAnswer(to: path), for: .anonymous, since: before)
        #expect(has(files, path))
        files.forgetAll()
        #expect(!has(files, path))
        files.remember(makeAnswer(to: path), for: .anonymous, since: before)
        #expect(!has(files, path))
        files.remember(makeAnswer(to: path), for: .anonymous, since: files.now)
        #expect(has(files, path))
    }

    @Test("a change of an account does the same")
    func account() {
        let files = makeFiles()
        let before = files.now
        files.remember(makeAnswer(to: path), for: .anonymous, since: before)
        #expect(has(files, path))
        cache.forgetAll()
        #expect(!has(files, path))
        files.remember(makeAnswer(to: path), for: .anonymous, since: before)
        #expect(!has(files, path))
    }

    @Test("where others may change something, nothing is given out before they are heard, and after they are no longer")
    func trust() {
        let files = makeFiles()
        cache.trust(until: .now)
        files.remember(makeAnswer(to: path), for: .anonymous, since: files.now)
        #expect(!has(files, path))
        cache.trust(until: .now + .seconds(60))
        #expect(has(files, path))
        cache.trust(until: .now - .seconds(1))
        #expect(!has(files, path))
    }

    @Test("memory is bounded")
    func bound() {
        let files = makeFiles()
        for number in 0..<1000 {
            files.remember(makeAnswer(to: "/\(number)", 64 * 1024), for: .anonymous, since: files.now)
        }
        let kept = (0..<1000).count { has(files, "/\($0)") }
        #expect((1...512).contains(kept), "32 MiB hold 512 of them")
        #expect(has(files, "/999"), "the newest is kept")
    }

    @Test("nothing is kept when it is switched off")
    func off() {
        let files = makeFiles(isEnabled: false)
        files.remember(makeAnswer(to: path), for: .anonymous, since: files.now)
        #expect(!has(files, path))
    }

    @Test("open files are bounded, and are closed when everything is forgotten")
    func openFiles() {
        final class File: FileContent {
            let descriptor: Int32 = -1
        }
        let files = makeFiles()
        weak var first: File?
        weak var last: File?
        for number in 0..<200 {
            let file = File()
            if number == 0 { first = file }
            last = file
            let answer = PreparedAnswer(
                [:],
                variable: .xRequestID,
                content: .file(file, sizeInBytes: 1 << 20),
                token: 1,
                target: Array("/\(number)".utf8)
            )
            files.remember(answer, for: .anonymous, since: files.now)
        }
        let kept = (0..<200).count { has(files, "/\($0)") }
        #expect((1...128).contains(kept))
        #expect(last != nil)
        files.forgetAll()
        #expect(last == nil && first == nil)
    }
}
