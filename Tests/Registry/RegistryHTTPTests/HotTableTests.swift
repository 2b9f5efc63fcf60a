// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import HTTPServer
import RegistryCore
import Testing

@testable import RegistryHTTP
@testable import RegistryService

/// The table of one moment, and its limits.
@Suite("The table of recent downloads", .timeLimit(.minutes(15)))
struct HotTableTests {
    private final class File: FileContent {
        let descriptor: Int32 = -1
    }

    private let cache = CredentialCache { Timestamp(microseconds: 0) }

    private func files() -> HotFiles { HotFiles(isEnabled: true, cache: cache) }

    private func answer(_ path: String, size: Int = 3, isFile: Bool = false) -> HotAnswer {
        let content: PreparedAnswer.Content =
            isFile ? .file(File(), sizeInBytes: Int64(size)) : .bytes([UInt8](repeating: 1, count: size))
        return HotAnswer(
            PreparedAnswer([:], variable: .xRequestID, content: content, token: 1, target: Array(path.utf8)),
            for: .anonymous
        )
    }

    private func has(_ table: HotTable, _ path: String) -> Bool {
        unsafe Array(path.utf8).withUnsafeBytes { target in
            let hash = unsafe HotAnswer.hash(of: target)
            return unsafe table.answer(to: target, hash) != nil
        }
    }

    @Test("an answer replaces the earlier one to the same target, and frees its room")
    func replaces() {
        var table = HotTable(at: files().now)
        let limits = HotTable.Limits(bytes: 1 << 20, openFiles: 1, answers: 10)
        for _ in 0..<100 { table.keep(answer("/a", size: 100_000), within: limits) }
        table.keep(answer("/b", size: 100_000), within: limits)
        #expect(table.count == 2 && has(table, "/a") && has(table, "/b"))
        table.keep(answer("/c", isFile: true), within: limits)
        table.keep(answer("/c"), within: limits)
        table.keep(answer("/d", isFile: true), within: limits)
        #expect(table.count == 4 && has(table, "/c") && has(table, "/d"), "the file of /c was closed")
    }

    @Test("no limit is exceeded, and the newest answer is kept")
    func limits() {
        var table = HotTable(at: files().now)
        let limits = HotTable.Limits(bytes: .max, openFiles: 2, answers: 5)
        for number in 0..<20 {
            table.keep(answer("/\(number)"), within: limits)
            #expect(table.count <= 5 && has(table, "/\(number)"))
        }
        for number in 20..<40 {
            table.keep(answer("/\(number)", isFile: true), within: limits)
            #expect(has(table, "/\(number)"))
            let open = (20...number).filter { has(table, "/\($0)") }
            #expect(open.count <= 2)
        }
    }

    @Test("another moment empties the table, the same one does not")
    func moments() {
        let files = files()
        var table = HotTable(at: files.now)
        table.keep(answer("/a"), within: HotTable.Limits())
        table.turn(to: files.now)
        #expect(has(table, "/a"))
        files.forgetAll()
        table.turn(to: files.now)
        #expect(table.count == 0 && table.moment == files.now)
        table.keep(answer("/a"), within: HotTable.Limits())
        cache.forgetAll()
        table.turn(to: files.now)
        #expect(table.count == 0)
    }

    @Test("a share of the limits is never too small for two answers from memory")
    func shares() {
        let limits = HotTable.Limits()
        let half = limits.divided(by: 2)
        #expect(half.bytes == limits.bytes / 2 && half.openFiles == limits.openFiles / 2)
        #expect(half.answers == limits.answers / 2)
        let least = limits.divided(by: 1 << 20)
        #expect(least.bytes == 2 * HotFiles.largestBuffer && least.openFiles == 4 && least.answers == 64)
    }

    @Test("an answer is for its target alone, even where hashes collide")
    func targets() {
        let known = answer("/abc")
        for (path, isIts) in [("/abc", true), ("/abd", false), ("/ab", false), ("/abcd", false), ("", false)] {
            let isAnswered = unsafe Array(path.utf8).withUnsafeBytes { unsafe known.answers($0) }
            #expect(isAnswered == isIts, "\(path)")
        }
    }
}
