// SPDX-License-Identifier: Apache-2.0

import Foundation
import Loops
import RegistryCore
import RegistryMetadata
import RegistryService
import RegistryStorage
import RegistryTestSupport

/// A registry's use cases on a database and a blob store of their own, with one user, `alice`.
struct PublishFixture: Sendable {
    let directory: String
    /// The database's, which stands still until it is moved.
    let clock = ManualClock()
    let database: any SQLDatabase
    let blobs: any BlobStore
    let metadata: Metadata
    let staging: UploadStaging
    let owner: Owner
    let account: Account

    var deletePackages: DeletePackages { DeletePackages(metadata: metadata) }
    var collectGarbage: CollectGarbage { CollectGarbage(metadata: metadata, blobs: blobs) }
    var completeDigests: CompleteDigests { CompleteDigests(metadata: metadata, blobs: blobs) }
    var removeStaleUploads: RemoveStaleUploads {
        RemoveStaleUploads(metadata: metadata, staging: staging)
    }

    /// Runs a test on every pair of engines that there is, one after another, and removes all its files afterwards.
    static func run(
        on pairs: [EnginePair] = EnginePair.available,
        _ body: (PublishFixture) async throws -> Void
    ) async throws {
        for pair in pairs {
            try await pair.withDirectory { directory in
                let fixture = try await PublishFixture(directory, on: pair)
                try await body(fixture)
                try await fixture.database.close()
            }
        }
    }

    /// Opens what is in a directory, creating what is missing.
    init(_ directory: String, on pair: EnginePair) async throws {
        self.directory = directory
        database = try await pair.database.open(directory, clock)
        blobs = try await pair.blobs.open(directory)
        metadata = Metadata(database: database)
        staging = try UploadStaging(directory: directory + "/staging", pool: .maintenance)
        try await metadata.schema.migrate(holder: "test") {}
        let alice = NewUser(
            name: try OwnerName("alice"),
            email: try EmailAddress("alice@example.org"),
            passwordHash: "",
            isAdministrator: false,
            visibility: .public
        )
        _ = try await metadata.accounts.createUser(alice)
        guard let user = try await metadata.accounts.user(alice.name),
            let found = try await metadata.accounts.owner(alice.name, seenBy: nil)
        else { throw RegistryError.notFound("alice") }
        account = user.account
        owner = found.owner
    }

    /// The use case, over stores that a test may have put something in front of.
    func uploadFile(
        database: (any SQLDatabase)? = nil,
        blobs: (any BlobStore)? = nil,
        limit: Int64 = 1 << 30,
        quotas: Quotas = Quotas(),
        drafts: Int64? = nil
    ) -> UploadFile {
        var limits = Limits()
        limits.fileSize = limit
        limits.quotas = quotas
        limits.drafts = drafts
        return UploadFile(
            metadata: Metadata(database: database ?? self.database),
            blobs: blobs ?? self.blobs,
            staging: staging,
            limits: limits
        )
    }

    /// A request to publish `package@version/file`.
    func request(
        _ path: String,
        contract: PublishContract = .current,
        announcedSize: Int64? = nil,
        expected: [(name: String, value: String)] = []
    ) throws -> UploadFile.Request {
        UploadFile.Request(
            file: try coordinate(path),
            owner: owner,
            contract: contract,
            creator: account,
            announcedSize: announcedSize,
            expected: try ExpectedDigests(fields: expected)
        )
    }

    /// Publishes bytes as `package@version/file`.
    @discardableResult
    func publish(
        _ bytes: [UInt8],
        as path: String,
        contract: PublishContract = .current
    ) async throws -> UploadFile.Outcome {
        try await uploadFile()(request(path, contract: contract), from: Body(bytes))
    }

    /// The content of `package@version/file`; nil when there is no such file.
    func content(of path: String) async throws -> [UInt8]? {
        guard let file = try await record(of: path) else { return nil }
        return try await DownloadFile(metadata: metadata, blobs: blobs, digests: completeDigests).open(file).bytes()
    }

    /// The record of `package@version/file`; nil when there is no such file.
    func record(of path: String) async throws -> StoredFile? {
        try await metadata.packages.download(coordinate(path), seenBy: nil)?.file
    }

    /// Deletes `package@version/file`.
    func delete(_ path: String) async throws {
        try await deletePackages.file(coordinate(path), owner: owner)
    }

    func coordinate(_ path: String) throws -> FileCoordinate {
        let parts = path.split(whereSeparator: { "@/".contains($0) }).map(String.init)
        guard parts.count == 3 else { throw RegistryError.invalid("\(path) is not package@version/file") }
        return FileCoordinate(
            owner: owner.name,
            package: try PackageName(parts[0]),
            version: try PackageVersion(parts[1]),
            file: try FileName(parts[2])
        )
    }
}
