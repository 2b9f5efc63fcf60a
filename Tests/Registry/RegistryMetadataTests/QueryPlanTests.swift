// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

/// Every statement that a request runs finds its rows through an index.
@Suite("Query plans")
struct QueryPlanTests {
    private static let tables = [
        "owner", "account", "access_token", "team", "team_member", "package", "version", "file", "blob",
        "owner_blob", "usage", "reservation", "reserved_version", "draft", "draft_file", "upload", "upload_part",
    ]

    /// What requests ask of the metadata.
    private static func ask(_ metadata: Metadata) async throws {
        let owner = try #require(try await metadata.accounts.owner(OwnerName("alice"), seenBy: nil)).owner.id
        let file = try FileCoordinate.sample(0)
        let sha256 = try Digest.sha256(of: [0])
        _ = try await metadata.packages.download(file, seenBy: nil)
        _ = try await metadata.publishing.prospect(of: file, owner: owner)
        _ = try await metadata.packages.versionWithFiles(file.versionCoordinate, owner: owner)
        try await askForPages(metadata, owner)
        _ = try await metadata.blobIndex.blob(sha256: sha256, sizeInBytes: 1)
        _ = try await metadata.blobIndex.hasBlob(BlobKey(sha256: sha256, upload: .random()))
        _ = try await metadata.blobIndex.blobsWithoutDigests(after: 0, limit: 10)
        _ = try await metadata.credentials.credential(named: "alice")
        _ = try await metadata.credentials.credential(named: "alice@example.org")
        _ = try await metadata.credentials.accountWithToken(secretSHA256: sha256)
        try await metadata.credentials.touchToken(1)
        try await askAboutAccounts(metadata, owner)
        _ = try await metadata.search.versionEntries(owner: owner, packagesMatching: "package", page: page)
        _ = try await metadata.search.versionEntry(file.versionCoordinate, owner: owner)
        _ = try await metadata.publishing.recordUpload(.sample(5000, owner: owner, mayJoinVersion: true))
        try await askAboutQuotas(metadata, owner)
        try await askAboutDrafts(metadata, owner)
        try await askAboutUploads(metadata, owner)
        _ = try await metadata.packages.deleteFile(.sample(1), owner: owner)
        _ = try await metadata.packages.deleteVersion(FileCoordinate.sample(2).versionCoordinate, owner: owner)
    }

    /// What publishes ask where quotas are in force.
    private static func askAboutQuotas(_ metadata: Metadata, _ owner: Int64) async throws {
        var quotas = Quotas()
        quotas.owner = Quota(size: 1 << 20, versionCount: 1 << 20)
        quotas.total = quotas.owner
        let upload = try NewFile.sample(6000, owner: owner, mayJoinVersion: true, quotas: quotas)
        let reservation = NewReservation(
            id: try #require(upload.reservation),
            owner: owner,
            size: 1,
            sha256: upload.sha256,
            newVersion: upload.coordinate.versionCoordinate
        )
        _ = try await metadata.room.reserve(reservation, keeping: quotas)
        _ = try await metadata.room.enlarge(reservation.id, owner: owner, to: 2, keeping: quotas)
        try await metadata.room.prolong(reservation.id)
        _ = try await metadata.publishing.recordUpload(upload)
        try await metadata.room.releaseReservation(reservation.id)
        try await metadata.room.removeExpiredReservations()
        _ = try await metadata.room.usage(of: .owner(owner))
        _ = try await metadata.room.usage(of: .total)
        _ = try await metadata.accounts.limits(ofOwner: owner)
        _ = try await metadata.accounts.updateSettings(ofOwner: owner, OwnerSettingsChange())
    }

    /// What is asked about versions before they are published.
    private static func askAboutDrafts(_ metadata: Metadata, _ owner: Int64) async throws {
        let new = try NewFile.sample(7000, owner: owner, mayJoinVersion: true)
        let version = new.coordinate.versionCoordinate
        _ = try await metadata.drafts.recordDraftFile(new, lifetime: .seconds(60))
        let draft = try #require(try await metadata.drafts.draft(of: version, owner: owner, limit: 50)).draft
        _ = try await metadata.drafts.files(ofDraft: draft.id, after: new.coordinate.file, limit: 50)
        _ = try await metadata.drafts.hasNoRoom(forDraftOf: version, owner: owner, limit: 0)
        _ = try await metadata.drafts.deleteDraftFile(new.coordinate, owner: owner)
        for _ in 0..<2 {
            _ = try await metadata.drafts.recordDraftFile(new, lifetime: .seconds(60))
            let release = DraftRelease(
                version: version,
                owner: owner,
                creator: owner,
                expected: nil,
                mayJoinVersion: true,
                quotas: Quotas()
            )
            _ = try await metadata.drafts.publishDraft(release)
        }
        _ = try await metadata.drafts.recordDraftFile(new, lifetime: .seconds(60))
        _ = try await metadata.drafts.deleteDraft(of: version, owner: owner)
        _ = try await metadata.room.dropExpiredDrafts(limit: 10)
        _ = try await metadata.removals.collectBlobs(limit: 10)
    }

    /// What is asked about uploads that come in pieces.
    private static func askAboutUploads(_ metadata: Metadata, _ owner: Int64) async throws {
        let new = try NewFile.sample(8000, owner: owner, mayJoinVersion: true)
        let upload = NewUpload(
            id: .random(),
            file: new.coordinate,
            owner: owner,
            isDraft: false,
            sizeInBytes: 2,
            digests: ExpectedDigests(),
            newVersion: new.coordinate.versionCoordinate
        )
        let lifetime = Duration.seconds(60)
        _ = try await metadata.uploads.beginUpload(upload, lifetime: lifetime, keeping: Quotas())
        _ = try await metadata.uploads.upload(upload.id)
        let writer = UploadID.random()
        _ = try await metadata.uploads.claimUpload(upload.id, writer: writer, at: 0)
        let part = UploadPart(key: new.key, start: 0, sizeInBytes: 1)
        _ = try await metadata.uploads.recordPart(part, of: upload.id, writer: writer, lifetime: lifetime)
        _ = try await metadata.uploads.parts(of: upload.id)
        _ = try await metadata.removals.condemn([new.key])
        _ = try await metadata.removals.unknownKeys([new.key])
        try await metadata.uploads.completeUpload(upload.id)
        try await metadata.uploads.dropUpload(upload.id)
        _ = try await metadata.room.dropExpiredUploads(limit: 10)
    }

    private static let page = ListPage(offset: 0, limit: 50)

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

    /// What the management interface asks; lists of all owners look at all owners.
    private static func askAboutAccounts(_ metadata: Metadata, _ owner: Int64) async throws {
        let (alice, nobody) = (try OwnerName("alice"), try OwnerName("nobody"))
        _ = try await metadata.accounts.profile(nobody, seenBy: nil)
        _ = try await metadata.accounts.profile(alice, seenBy: nil)
        _ = try await metadata.accounts.profile(id: owner)
        _ = try await metadata.credentials.tokens(of: owner, page: page)
        _ = try await metadata.credentials.removeToken(id: 1, of: owner)
        _ = try await metadata.credentials.removeToken(TokenName("ci"), of: owner)
        let acme = try await metadata.addOrganization("acme", of: "alice", .public)
        _ = try await metadata.accounts.profile(id: acme, seenBy: nil)
        _ = try await metadata.organizations.team(TeamName("crew"), of: acme)
        _ = try await metadata.organizations.createTeam(NewTeam(name: TeamName("crew"), packages: .none), in: acme)
        let teams = try await metadata.organizations.teams(of: acme, withMember: owner, page: page)
        let team = try #require(teams.rows.first).id
        _ = try await metadata.organizations.teams(withMember: owner, page: page)
        _ = try await metadata.organizations.team(team, seenBy: nil)
        _ = try await metadata.organizations.updateTeam(team, TeamChange())
        _ = try await metadata.organizations.removeTeam(0)
        _ = try await metadata.organizations.member(alice, ofOrganization: acme)
        _ = try await metadata.organizations.member(alice, ofTeam: team)
        _ = try await metadata.organizations.addMember(owner, to: team)
        _ = try await metadata.organizations.removeMember(owner, from: team)
        _ = try await metadata.organizations.removeMember(owner, fromOrganization: acme)
        _ = try await metadata.organizations.updateOrganization(acme, OwnerChange())
        _ = try await metadata.accounts.renameOwner(acme, to: OwnerName("acme2"))
        _ = try await metadata.organizations.removeOrganization(acme)
        _ = try await metadata.packages.deletePackage(FileCoordinate.sample(3).packageCoordinate, owner: owner)
    }

    @Test("no statement of a request scans a table")
    func noScans() async throws {
        try await DatabaseBackend.sqlite.run { database, _ in
            let recorder = RecordingDatabase(database)
            let metadata = Metadata(database: recorder)
            try await metadata.schema.migrate(holder: "test") {}
            try await Self.fill(metadata)
            _ = recorder.takeStatements()
            try await Self.ask(metadata)
            let statements = Set(recorder.takeStatements())
            #expect(statements.count > 20)
            for text in statements {
                for step in try await Self.plan(of: text, in: database) {
                    #expect(!Self.isScan(step), "\(step)\n\(text)")
                }
            }
        }
    }

    @Test("PostgreSQL has an index for every statement of a request", .enabled(if: TestPostgres.given != nil))
    func noSequentialScans() async throws {
        try await DatabaseBackend.postgres(try #require(TestPostgres.given)).run { database, _ in
            let recorder = RecordingDatabase(database)
            let metadata = Metadata(database: recorder)
            try await metadata.schema.migrate(holder: "test") {}
            try await Self.fill(metadata)
            _ = recorder.takeStatements()
            try await Self.ask(metadata)
            let statements = Set(recorder.takeStatements())
            #expect(statements.count > 20)
            for text in statements {
                for step in try await Self.postgresPlan(of: text, in: database) {
                    #expect(!step.contains("Seq Scan on"), "\(step)\n\(text)")
                }
            }
        }
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

    /// A scan of one of the tables, or a walk through a table in the order of its rows.
    private static func isScan(_ step: String) -> Bool {
        let words = step.split(separator: " ").map(String.init)
        guard words.count > 1, tables.contains(words[1]) else { return false }
        // The partial index holds nothing but the rows that are wanted.
        if step.contains("blob_without_digests") { return false }
        return words[0] == "SCAN" || step.contains("(rowid<?)") || step.contains("(rowid>?)")
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
        mayJoinVersion: Bool,
        quotas: Quotas = Quotas()
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
            quotas: quotas,
            reservation: quotas.areUnlimited ? nil : .random()
        )
    }
}
