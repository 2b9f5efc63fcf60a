// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

extension Metadata {
    /// A new store on a new database.
    static func run(_ backend: DatabaseBackend, _ body: (Metadata, any SQLDatabase) async throws -> Void)
        async throws
    {
        try await backend.run { database, _ in
            let metadata = Metadata(database: database)
            try await metadata.schema.migrate(holder: "test") {}
            try await body(metadata, database)
        }
    }

    /// Makes a user and returns what it does.
    @discardableResult
    func addUser(
        _ name: String,
        _ visibility: Visibility = .public,
        isAdministrator: Bool = false
    ) async throws -> Account {
        let user = NewUser(
            name: try OwnerName(name),
            email: try EmailAddress("\(name)@example.org"),
            passwordHash: "",
            isAdministrator: isAdministrator,
            visibility: visibility
        )
        guard case .created(let created) = try await accounts.createUser(user) else {
            throw SQLError(.other, "user \(name) is there already")
        }
        return created.account
    }

    /// Makes an organization of a user and returns its number.
    @discardableResult
    func addOrganization(_ name: String, of user: String, _ visibility: Visibility) async throws -> Int64 {
        let account = try #require(try await accounts.user(OwnerName(user))).account.id
        let created = try await organizations.createOrganization(
            OwnerName(name),
            ownedBy: account,
            visibility: visibility
        )
        guard case .created(let organization) = created else {
            throw SQLError(.other, "organization \(name) is there already")
        }
        return organization.id
    }

    /// Publishes a file as its owner, whatever the contract.
    func publish(
        _ package: String,
        _ version: String,
        of owner: String,
        file: String = "file.bin",
        content: String = "x"
    ) async throws {
        let owner = try #require(try await accounts.owner(OwnerName(owner), seenBy: nil)).owner
        let sha256 = try Digest.sha256(of: Array(content.utf8))
        let outcome = try await publishing.recordUpload(
            NewFile(
                coordinate: FileCoordinate(
                    owner: owner.name,
                    package: try PackageName(package),
                    version: try PackageVersion(version),
                    file: try FileName(file)
                ),
                owner: owner.id,
                creator: owner.kind == .user
                    ? owner.id : try #require(try await accounts.user(OwnerName("founder"))).account.id,
                sha256: sha256,
                sizeInBytes: Int64(content.utf8.count),
                key: BlobKey(sha256: sha256, upload: .random()),
                healing: nil,
                mayJoinVersion: true
            )
        )
        guard case .created = outcome else { throw SQLError(.other, "\(package) \(version) is there already") }
    }
}
