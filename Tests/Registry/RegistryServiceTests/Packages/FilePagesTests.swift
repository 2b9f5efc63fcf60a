// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryService
import Testing

@Suite("Files in pages", .timeLimit(.minutes(15)))
struct FilePagesTests {
    @Test("all files of a version and of a draft come, once and in order", arguments: [1, 49, 50, 51, 120])
    func complete(_ count: Int) async throws {
        try await PublishFixture.run { fixture in
            try await fill(fixture, count)
            let version = try fixture.coordinate("tool@1.0.0/a").versionCoordinate
            let names = (0..<count).map { "File-\($0).bin" }.sorted { $0.lowercased() < $1.lowercased() }
            let published = try await Catalog(metadata: fixture.metadata, digests: fixture.completeDigests)
                .version(version, owner: fixture.owner).files
            #expect(published.isWhole == (count < 50))
            #expect(try await pages(of: published).map(\.name.text) == names)
            let next = try fixture.coordinate("tool@2.0.0/a").versionCoordinate
            let draft = try await fixture.releases.draft(of: next, owner: fixture.owner).files
            #expect(try await pages(of: draft).map(\.name.text) == names)
        }
    }

    @Test("a list whose version or draft is deleted before its end does not end as if it were whole")
    func deletedMeanwhile() async throws {
        try await PublishFixture.run { fixture in
            try await fill(fixture, 100)
            let version = try fixture.coordinate("tool@1.0.0/a").versionCoordinate
            let published = try await Catalog(metadata: fixture.metadata, digests: fixture.completeDigests)
                .version(version, owner: fixture.owner).files
            await #expect(throws: RegistryError.self) {
                try await published.forEachFurther { page in
                    #expect(page.count == 50)
                    try await fixture.deletePackages.version(version, owner: fixture.owner)
                }
            }
            let next = try fixture.coordinate("tool@2.0.0/a").versionCoordinate
            let draft = try await fixture.releases.draft(of: next, owner: fixture.owner).files
            try await fixture.releases.drop(next, owner: fixture.owner)
            await #expect(throws: RegistryError.self) { try await draft.forEachFurther { _ in } }
        }
    }

    private func pages<File>(of files: FilePages<File>) async throws -> [File] {
        var all = files.first
        try await files.forEachFurther { page in
            #expect((1...50).contains(page.count))
            all += page
        }
        return all
    }

    /// Publishes a version with `count` files and starts a draft with `count` files.
    private func fill(_ fixture: PublishFixture, _ count: Int) async throws {
        for number in 0..<count {
            try await fixture.publish([1], as: "tool@1.0.0/File-\(number).bin")
            try await fixture.draft([1], as: "tool@2.0.0/File-\(number).bin")
        }
    }
}
