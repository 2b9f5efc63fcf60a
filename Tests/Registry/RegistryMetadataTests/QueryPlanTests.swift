// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

/// Pages come in the order of an index; `PlanCheckingDatabase` checks that no statement of any suite reads a whole table.
@Suite("Query plans", .timeLimit(.minutes(15)))
struct QueryPlanTests {
    /// The lists of packages and versions whose order an index has; those by page numbers from either end.
    private static func askForPages(_ metadata: Metadata, _ owner: Int64) async throws {
        let package = try FileCoordinate.sample(0).packageCoordinate
        _ = try await metadata.packages.packages(owner: owner, after: nil, limit: 50)
        _ = try await metadata.packages.versions(package, owner: owner, in: .published(before: nil), limit: 50)
        _ = try await metadata.packages.versions(package, owner: owner, in: .semver(before: nil), limit: 50)
        _ = try await metadata.search.latestVersionEntry(of: package, owner: owner)
        let file = try FileCoordinate.sample(0)
        let version = try #require(
            try await metadata.packages.versionWithFiles(file.versionCoordinate, owner: owner, limit: 50)
        ).version
        _ = try await metadata.packages.files(ofVersion: version.id, after: file.file, limit: 50)
        _ = try await metadata.drafts.drafts(owner: owner, after: nil, limit: 50)
        _ = try await metadata.uploads.uploads(owner: owner, after: nil, limit: 50)
        for offset in [0, 1, 18, 198] {
            let page = ListPage(offset: offset, limit: 50)
            _ = try await metadata.search.versionEntries(of: package, owner: owner, page: page)
            _ = try await metadata.search.versionEntries(owner: owner, packagesMatching: "", page: page)
        }
        let anything = PackageSearch(owner: nil, name: nil, text: "", seenBy: .anonymous)
        let owned = PackageSearch(owner: try OwnerName("alice"), name: nil, text: "", seenBy: .anonymous)
        _ = try await metadata.search.packages(anything, after: nil, limit: 50)
        _ = try await metadata.search.packages(owned, after: nil, limit: 50)
        _ = try await metadata.search.files(sha256: .sha256(of: Array("0".utf8)), anything, after: nil, limit: 50)
    }

    /// The plan that PostgreSQL makes for any arguments; it reads whole tables, and sorts, only where it
    /// cannot do otherwise.
    private static func postgresPlan(of text: String, in database: any SQLDatabase) async throws -> [String] {
        let count = placeholders(in: text)
        let arguments = count == 0 ? "" : "(" + Array(repeating: "NULL", count: count).joined(separator: ", ") + ")"
        return try await database.write { connection in
            try connection.execute("SET LOCAL enable_seqscan = off")
            try connection.execute("SET LOCAL enable_sort = off")
            try connection.execute("SET LOCAL enable_incremental_sort = off")
            try connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            try connection.execute(SQL(migration: "PREPARE examined AS \(text)"))
            let steps = try connection.query(SQL(migration: "EXPLAIN EXECUTE examined\(arguments)"))
            try connection.execute("DEALLOCATE examined")
            return try steps.map { try $0.text(0) }
        }
    }

    @Test("pages are found by an index that has their order, so that nothing is sorted")
    func nothingSorted() async throws {
        try await DatabaseBackend.sqlite.run { database, _ in
            let recorder = RecordingDatabase(database)
            let metadata = Metadata(database: recorder)
            try await metadata.schema.migrate(holder: "test") {}
            try await Self.fill(metadata)
            let owner = try #require(try await metadata.accounts.owner(OwnerName("alice"), seenBy: nil)).owner.id
            _ = recorder.takeStatements()
            try await Self.askForPages(metadata, owner)
            for text in Set(recorder.takeStatements()) {
                let steps = try await Self.plan(of: text, in: database)
                #expect(!steps.contains { $0.contains("TEMP B-TREE") }, "\(steps)\n\(text)")
            }
        }
    }

    @Test("PostgreSQL sorts nothing either to give a page", .enabled(if: TestPostgres.given != nil))
    func nothingSortedByPostgres() async throws {
        try await DatabaseBackend.postgres(try #require(TestPostgres.given)).run { database, _ in
            let recorder = RecordingDatabase(database)
            let metadata = Metadata(database: recorder)
            try await metadata.schema.migrate(holder: "test") {}
            try await Self.fill(metadata)
            let owner = try #require(try await metadata.accounts.owner(OwnerName("alice"), seenBy: nil)).owner.id
            _ = recorder.takeStatements()
            try await Self.askForPages(metadata, owner)
            for text in Set(recorder.takeStatements()) {
                for step in try await Self.postgresPlan(of: text, in: database) {
                    #expect(!step.contains("Sort"), "\(step)\n\(text)")
                }
            }
        }
    }

    private static func plan(of text: String, in database: any SQLDatabase) async throws -> [String] {
        // The plan does not depend on arguments, but each placeholder needs one.
        let count = placeholders(in: text)
        let explain = SQL(migration: "EXPLAIN QUERY PLAN " + text)
        let arguments = [SQLValue](repeating: .null, count: count)
        return try await database.write { try $0.query(explain, arguments).map { try $0.text(3) } }
    }

    private static func placeholders(in text: String) -> Int {
        (1...20).last { text.contains("$\($0)") } ?? 0
    }

    private static func fill(_ metadata: Metadata) async throws {
        let user = NewUser(
            name: try OwnerName("alice"),
            email: try EmailAddress("alice@example.org"),
            passwordHash: "",
            isAdministrator: false,
            visibility: .public
        )
        guard case .created(let user) = try await metadata.accounts.createUser(user) else { return }
        for number in 0..<200 {
            _ = try await metadata.publishing.recordUpload(
                .sample(number, owner: user.account.id, mayJoinVersion: true)
            )
        }
    }
}

extension FileCoordinate {
    /// One of ten packages with twenty versions each.
    fileprivate static func sample(_ number: Int) throws -> Self {
        FileCoordinate(
            owner: try OwnerName("alice"),
            package: try PackageName("package-\(number % 10)"),
            version: try PackageVersion("1.\(number / 10).0"),
            file: try FileName("file.bin")
        )
    }
}

extension NewFile {
    fileprivate static func sample(
        _ number: Int,
        owner: Int64,
        mayJoinVersion: Bool
    ) throws -> Self {
        let sha256 = try Digest.sha256(of: Array("\(number)".utf8))
        return NewFile(
            coordinate: try .sample(number),
            owner: owner,
            creator: owner,
            sha256: sha256,
            sizeInBytes: 1,
            key: BlobKey(sha256: sha256, upload: .random()),
            healing: nil,
            mayJoinVersion: mayJoinVersion,
            quotas: Quotas(),
            reservation: nil
        )
    }
}
