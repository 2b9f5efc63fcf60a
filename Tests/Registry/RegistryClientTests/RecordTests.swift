// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import RegistryAPI
@testable import RegistryClient

@Suite("Records", .timeLimit(.minutes(15)))
struct RecordTests {
    /// The record, and its JSON as the server sends it read by the client.
    private func check<Record: JSONRecord & Decodable & Equatable>(_ record: Record, leavesOut: [String] = []) throws {
        #expect(try JSONDecoder.ofRecords().decode(Record.self, from: Data(record.json.document)) == record)
        guard case .object(let members) = record.json else {
            Issue.record("\(Record.self) is no object")
            return
        }
        #expect(Set(members.map(\.name)).union(leavesOut).count == Record.fields.count)
        #expect(Set(members.map(\.name)).isDisjoint(with: leavesOut))
    }

    private let file = FileRecord(
        name: "f <1>.txt",
        size: 5,
        md5: "1",
        sha1: "2",
        sha256: "3",
        sha512: "4",
        createdAt: "2026-01-01T00:00:00Z",
        downloadCount: 7
    )
    private let package = PackageRecord(
        owner: "o",
        name: "p",
        versionCount: 2,
        latestVersion: "1.0.0",
        createdAt: "2026-01-01T00:00:00Z"
    )
    private let version = VersionSummary(
        version: "1.0.0",
        creator: "c",
        createdAt: "2026-01-01T00:00:00Z",
        fileCount: 3,
        size: 4
    )

    @Test("what the server writes is what the client reads")
    func complete() throws {
        try check(file)
        try check(package)
        try check(version)
        try check(AccountRecord(login: "a", isAdmin: true, scopes: ["all"]))
        try check(ErrorRecord(code: "c", message: "m \"quoted\"", requestID: "r"))
        try check(PackagePage(owner: "o", contract: "current", packages: [package], next: "n"))
        try check(VersionPage(owner: "o", name: "p", versions: [version], next: "n"))
        try check(VersionRecord(owner: "o", name: "p", version: "1", creator: "c", createdAt: "t", files: [file]))
    }

    @Test("what there is not is left out")
    func partial() throws {
        try check(AccountRecord(login: "a", isAdmin: false, scopes: nil), leavesOut: ["scopes"])
        try check(
            FileRecord(
                name: "f",
                size: 5,
                md5: nil,
                sha1: nil,
                sha256: "3",
                sha512: nil,
                createdAt: "t",
                downloadCount: 0
            ),
            leavesOut: ["md5", "sha1", "sha512"]
        )
        try check(
            PackageRecord(owner: "o", name: "p", versionCount: 0, latestVersion: nil, createdAt: "t"),
            leavesOut: ["latest_version"]
        )
        try check(PackagePage(owner: "o", contract: "current", packages: [], next: nil), leavesOut: ["next"])
        try check(VersionPage(owner: "o", name: "p", versions: [], next: nil), leavesOut: ["next"])
        try check(
            VersionSummary(version: "1", creator: nil, createdAt: "t", fileCount: 0, size: 0),
            leavesOut: ["creator"]
        )
        try check(
            VersionRecord(owner: "o", name: "p", version: "1", creator: nil, createdAt: "t", files: []),
            leavesOut: ["creator"]
        )
    }
}
