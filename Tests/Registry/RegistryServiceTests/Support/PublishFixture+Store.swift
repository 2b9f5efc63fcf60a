// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

extension PublishFixture {
    /// The keys of all content in the store.
    func keysInStore() async throws -> Set<String> {
        var keys: Set<String> = []
        var last: BlobKey?
        while case let page = try await blobs.list(after: last, limit: 1000), !page.isEmpty {
            keys.formUnion(page.map(\.key.text))
            last = page.last?.key
        }
        return keys
    }

    /// The keys of all content that the database knows.
    func keysInDatabase() async throws -> Set<String> {
        try await database.read { connection in
            let keys = try connection.query(
                "SELECT storage_key FROM blob UNION ALL SELECT storage_key FROM upload_part"
            )
            return Set(try keys.map { try $0.text(0) })
        }
    }

    /// The names of the files of uploads that are on their way in.
    func stagedNames() throws -> [String] {
        try LocalDirectory.entries(directory + "/staging")
    }

    /// How many rows a table has.
    func count(_ statement: SQL) async throws -> Int64 {
        try await database.read { try $0.first(statement, [])?.integer(0) ?? -1 }
    }

    /// Puts other bytes in the place of a file's content, or removes it.
    func damage(_ path: String, replacement: [UInt8]?) async throws {
        guard let key = try await record(of: path)?.blob.key else { return }
        try await blobs.remove(key)
        guard let replacement else { return }
        try await blobs.commit(try StagingPlace(directory + "/replacement").stage(replacement), as: key)
    }

    /// Checks that the store holds what the database knows, and nothing else.
    func expectNothingLeftBehind(_ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        #expect(try stagedNames() == [], comment, sourceLocation: sourceLocation)
        let known = try await keysInDatabase()
        #expect(try await keysInStore() == known, comment, sourceLocation: sourceLocation)
        #expect(try await count("SELECT COUNT(*) FROM blob_removal") == 0, comment, sourceLocation: sourceLocation)
        let unused = try await count(
            """
            SELECT COUNT(*) FROM blob WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.blob_id = blob.id)
                AND NOT EXISTS (SELECT 1 FROM draft_file WHERE draft_file.blob_id = blob.id)
            """
        )
        #expect(unused == 0, comment, sourceLocation: sourceLocation)
        let emptyVersions = try await count(
            "SELECT COUNT(*) FROM version WHERE NOT EXISTS (SELECT 1 FROM file WHERE file.version_id = version.id)"
        )
        #expect(emptyVersions == 0, comment, sourceLocation: sourceLocation)
    }
}
