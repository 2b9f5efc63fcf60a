// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import RegistryClient
import RegistryCore
import Testing

@testable import RegistryAPI

@Suite("Downloading", .timeLimit(.minutes(15)))
struct DownloadTests {
    private let content = Array("0123456789".utf8)

    /// Downloads into an empty folder and gives back what is in it afterwards, with the error if there was one.
    private func download(
        _ registry: FakeRegistry,
        address: String = "http://registry.test",
        existing: [UInt8]? = nil,
        overwrite: Bool = false
    ) async throws -> (files: [String: [UInt8]], error: ClientError?) {
        var files: [String: [UInt8]] = [:]
        var failure: ClientError?
        try await withTemporaryFolder { folder in
            let path = folder + "/a.bin"
            if let existing { _ = FileManager.default.createFile(atPath: path, contents: Data(existing)) }
            do {
                try await registry.client(address).download(
                    coordinate(),
                    expecting: fileRecord("a.bin", content),
                    to: path,
                    overwrite: overwrite
                )
            } catch let error as ClientError {
                failure = error
            }
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                files[name] = FileManager.default.contents(atPath: "\(folder)/\(name)").map(Array.init)
            }
        }
        return (files, failure)
    }

    @Test("a verified file appears under its name, alone")
    func whole() async throws {
        let result = try await download(FakeRegistry([.answer(200, body: content)]))
        #expect(result.error == nil)
        #expect(result.files == ["a.bin": content])
    }

    @Test("wrong, short and long content never gets the name", arguments: ["0123456780", "01234", "0123456789a", ""])
    func wrongContent(text: String) async throws {
        let replies = Array(repeating: Reply.answer(200, body: Array(text.utf8)), count: 8)
        let result = try await download(FakeRegistry(replies))
        #expect(result.error != nil)
        #expect(result.files.isEmpty)
    }

    @Test("a broken download goes on where it stopped, if the content is still the same")
    func resumed() async throws {
        let rest = Reply.answer(206, headers: [("Content-Range", "bytes 4-9/10")], body: Array(content[4...]))
        let registry = FakeRegistry([.cutOff(200, body: Array(content[..<4])), rest])
        let result = try await download(registry)
        #expect(result.files == ["a.bin": content])
        let second = try #require(registry.requests.last)
        #expect(second.header("Range") == ["bytes=4-"])
        #expect(second.header("If-Range") == ["\"\(try sha256(content))\""])
        #expect(registry.requests.first?.header("Range") == [])
    }

    @Test("a download starts over when the registry sends the whole again")
    func restarted() async throws {
        let registry = FakeRegistry([.cutOff(200, body: Array("wrong".utf8)), .answer(200, body: content)])
        #expect(try await download(registry).files == ["a.bin": content])
    }

    @Test("a range that was not asked for is refused", arguments: ["bytes 3-9/10", "bytes 4-9/11", "bytes 4-8/10", ""])
    func wrongRange(range: String) async throws {
        let rest = Reply.answer(206, headers: [("Content-Range", range)], body: Array(content[4...]))
        let result = try await download(FakeRegistry([.cutOff(200, body: Array(content[..<4])), rest]))
        #expect(result.error?.code == .verificationFailed)
        #expect(result.files.isEmpty)
    }

    @Test("a connection that moves data does not use up the attempts, one that does not does")
    func attempts() async throws {
        let cuts = (0..<9).map { offset in
            Reply.cutOff(
                offset == 0 ? 200 : 206,
                headers: [("Content-Range", "bytes \(offset)-9/10")],
                body: [content[offset]]
            )
        }
        let last = Reply.answer(206, headers: [("Content-Range", "bytes 9-9/10")], body: [content[9]])
        #expect(try await download(FakeRegistry(cuts + [last])).files == ["a.bin": content])
        let registry = FakeRegistry(Array(repeating: .connectionLost, count: 10))
        #expect(try await download(registry).error?.code == .unavailable)
        #expect(registry.requests.count == RetryPolicy.standard.attempts)
    }

    @Test("a file that is there is replaced only on demand")
    func overwriting() async throws {
        let old = Array("old".utf8)
        let registry = FakeRegistry([])
        let refused = try await download(registry, existing: old)
        #expect(refused.error?.code == .conflict)
        #expect(refused.files == ["a.bin": old])
        #expect(registry.requests.isEmpty)
        let forced = try await download(FakeRegistry([.answer(200, body: content)]), existing: old, overwrite: true)
        #expect(forced.files == ["a.bin": content])
    }

    @Test("a file that is there survives a failed replacement")
    func failedReplacement() async throws {
        let old = Array("old".utf8)
        let wrong = FakeRegistry([.answer(200, body: Array("9876543210".utf8))])
        let result = try await download(wrong, existing: old, overwrite: true)
        #expect(result.error?.code == .verificationFailed)
        #expect(result.files == ["a.bin": old])
    }

    @Test("a redirect to a store is followed without the credential")
    func redirected() async throws {
        let redirect = Reply.answer(303, headers: [("Location", "https://store.test/x?signature=s")])
        let registry = FakeRegistry([redirect, .answer(200, body: content)])
        #expect(try await download(registry).files == ["a.bin": content])
        #expect(registry.requests.map { $0.header("Authorization") } == [["Bearer sesame"], []])
        #expect(registry.requests.last?.url == "https://store.test/x?signature=s")
    }

    @Test("a redirect from https to http is not followed")
    func downgraded() async throws {
        let redirect = Reply.answer(302, headers: [("Location", "http://store.test/x?signature=s")])
        let registry = FakeRegistry([redirect])
        let result = try await download(registry, address: "https://registry.test")
        #expect(result.error?.code == .refused)
        #expect(registry.requests.count == 1)
    }

    @Test("lists are read to their last page, and a server that goes in circles is left")
    func pages() async throws {
        func page(_ name: String, next: String?) throws -> Reply {
            let package = PackageRecord(owner: "o", name: name, versionCount: 1, latestVersion: nil, createdAt: "")
            return .json(PackagePage(owner: "o", contract: "current", packages: [package], next: next))
        }
        let registry = FakeRegistry([try page("a", next: "a+"), try page("b", next: nil)])
        let all = try await registry.client().allPackages(of: OwnerName("o"))
        #expect(all.packages.map(\.name) == ["a", "b"])
        #expect(registry.requests.last?.url.hasSuffix("?limit=200&after=a%2B") == true)
        let circle = FakeRegistry([try page("a", next: "a"), try page("a", next: "a")])
        await #expect(throws: ClientError.self) { try await circle.client().allPackages(of: OwnerName("o")) }
    }

    @Test("a search is read to its last page, with its parts encoded")
    func searchPages() async throws {
        func page(_ name: String, next: String?) throws -> Reply {
            let package = PackageRecord(owner: "o", name: name, versionCount: 1, latestVersion: nil, createdAt: "")
            return .json(SearchPage(packages: [package], next: next))
        }
        let registry = FakeRegistry([try page("a", next: "7:a"), try page("b", next: nil)])
        let search = SearchRequest(owner: try OwnerName("o"), text: "a+ %")
        #expect(try await registry.client().allFound(search).packages.map(\.name) == ["a", "b"])
        let urls = registry.requests.map { $0.url.split(separator: "?").last.map(String.init) }
        #expect(urls == ["limit=200&owner=o&q=a%2B%20%25", "limit=200&after=7%3Aa&owner=o&q=a%2B%20%25"])
    }

    @Test("a 404 after a lost answer means that the deletion was done")
    func deletion() async throws {
        let gone = Reply.refused(404, "not_found")
        try await FakeRegistry([.connectionLost, gone]).client().delete(coordinate())
        let error = await #expect(throws: ClientError.self) {
            try await FakeRegistry([gone]).client().delete(coordinate())
        }
        #expect(error?.code == .notFound)
    }
}
