// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryMetadata
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import RegistryService

/// A body may come for hours: who may publish is decided again in the transaction that publishes.
@Suite("Rights that end while a body comes", .timeLimit(.minutes(15)))
struct LostRightTests {
    private static let content = [UInt8](repeating: 7, count: 500)

    /// What ends a right.
    enum End: String, CaseIterable, Sendable {
        case accountIsDeactivated, accountMayNotSignIn, accountIsDeleted
        case tokenIsDeleted, tokenExpires, passwordChanges
        case memberLeavesTeam, memberLeavesOrganization, teamMayOnlyRead, teamIsDeleted
        case nothing, nothingOfPassword

        /// Whether the right lasts.
        var isNone: Bool { self == .nothing || self == .nothingOfPassword }
        var isOfPassword: Bool { self == .passwordChanges || self == .nothingOfPassword }
    }

    /// How a file comes.
    enum Way: String, CaseIterable, Sendable {
        case file, draft, pieces
    }

    /// An organization whose team lets bob write, and a token of his.
    private struct World {
        let fixture: PublishFixture
        let bob: Account
        let organization: Owner
        let team: Team
        let token: AccessToken
        let credential: Credential

        init(_ fixture: PublishFixture, _ end: End) async throws {
            self.fixture = fixture
            let metadata = fixture.metadata
            let user = NewUser(
                name: try OwnerName("bob"),
                email: try EmailAddress("bob@example.org"),
                passwordHash: "old",
                isAdministrator: false,
                visibility: .public
            )
            guard case .created(let created) = try await metadata.accounts.createUser(user),
                case .created(let organization) = try await metadata.organizations.createOrganization(
                    OwnerName("acme"),
                    ownedBy: fixture.account.id,
                    visibility: .private
                ),
                case .created(let team) = try await metadata.organizations.createTeam(
                    NewTeam(name: TeamName("release"), packages: .write),
                    in: organization.id
                ),
                case .created(let token) = try await metadata.credentials.createToken(
                    NewAccessToken(
                        account: created.account.id,
                        name: TokenName("ci"),
                        secretSHA256: .sha256(of: [1]),
                        lastEight: "12345678",
                        scopes: ScopeSet([.writePackage]),
                        lifetime: .seconds(3600)
                    )
                )
            else { throw RegistryError.notFound("a world") }
            bob = created.account
            self.organization = organization
            self.team = team
            self.token = token
            credential = end.isOfPassword ? .password(UsedPassword(storedHash: "old")) : .token(token.id)
            // With nothing more than a place in the organization, too.
            _ = try await metadata.organizations.addMember(bob.id, to: team.id)
        }

        func request(_ way: Way) throws -> UploadFile.Request {
            UploadFile.Request(
                file: FileCoordinate(
                    owner: organization.name,
                    package: try PackageName("tool"),
                    version: try PackageVersion("1.0.0"),
                    file: try FileName("a.bin")
                ),
                owner: organization,
                contract: .current,
                creator: bob,
                credential: credential,
                announcedSize: Int64(content.count),
                expected: ExpectedDigests(),
                isDraft: way == .draft
            )
        }

        /// Sends a body that waits at the gate before its end.
        func send(_ way: Way, _ gate: Gate) async throws {
            let body = Body(content, pieceSize: 100, gate: gate)
            guard way == .pieces else {
                _ = try await fixture.uploadFile()(request(way), from: body)
                return
            }
            let uploads = fixture.uploads()
            let upload = try await uploads.begin(request(way), sizeInBytes: Int64(content.count))
            let piece = ResumableUploads.Piece(
                upload: upload,
                offset: 0,
                announcedSize: nil,
                digests: ExpectedDigests()
            )
            _ = try await uploads.append(piece, request(way), from: body)
        }

        func end(_ end: End) async throws {
            let metadata = fixture.metadata
            var change = UserChange()
            var teamChange = TeamChange()
            switch end {
            case .accountIsDeactivated:
                change.isActive = false
                _ = try await metadata.accounts.updateUser(bob.id, change)
            case .accountMayNotSignIn:
                change.isLoginProhibited = true
                _ = try await metadata.accounts.updateUser(bob.id, change)
            case .accountIsDeleted: _ = try await metadata.accounts.removeUser(bob.id)
            case .tokenIsDeleted: _ = try await metadata.credentials.removeToken(id: token.id, of: bob.id)
            case .tokenExpires: fixture.clock.advance(by: .seconds(3601))
            case .memberLeavesTeam: _ = try await metadata.organizations.removeMember(bob.id, from: team.id)
            case .memberLeavesOrganization:
                _ = try await metadata.organizations.removeMember(bob.id, fromOrganization: organization.id)
            case .teamMayOnlyRead:
                teamChange.packages = .read
                _ = try await metadata.organizations.updateTeam(team.id, teamChange)
            case .teamIsDeleted: _ = try await metadata.organizations.removeTeam(team.id)
            case .passwordChanges:
                change.passwordHash = "new"
                _ = try await metadata.accounts.updateUser(bob.id, change)
            case .nothing, .nothingOfPassword: break
            }
        }

        /// Whether the file is published, or in a draft.
        func isThere(_ way: Way) async throws -> Bool {
            let file = try request(way).file
            if way == .draft {
                return try await fixture.metadata.drafts.draft(of: file.versionCoordinate, owner: organization.id)
                    != nil
            }
            return try await fixture.metadata.packages.download(file, seenBy: nil)?.file != nil
        }
    }

    @Test("what ended while the body came is not published", arguments: End.allCases, Way.allCases)
    func ended(_ end: End, _ way: Way) async throws {
        try await PublishFixture.run { fixture in
            let world = try await World(fixture, end)
            let gate = Gate()
            async let sent: Void = world.send(way, gate)
            await gate.waitForArrival()
            try await world.end(end)
            gate.open()
            do {
                try await sent
                #expect(end.isNone)
            } catch let error as RegistryError {
                #expect(!end.isNone && error.isRefusal, "\(error)")
            }
            #expect(try await world.isThere(way) == end.isNone)
            // What came is garbage, and nothing is counted.
            if way != .pieces {
                _ = try await fixture.collectGarbage.run()
                if !end.isNone { try await fixture.expectNothingLeftBehind() }
            }
        }
    }

    @Test("a draft is not published by somebody who lost the right", arguments: End.allCases)
    func drafts(_ end: End) async throws {
        try await PublishFixture.run { fixture in
            let world = try await World(fixture, end)
            let gate = Gate()
            gate.open()
            try await world.send(.draft, gate)
            try await world.end(end)
            let release = Releases.Request(
                version: try world.request(.file).file.versionCoordinate,
                owner: world.organization,
                contract: .current,
                creator: world.bob,
                credential: world.credential,
                files: nil
            )
            do {
                #expect(try await fixture.releases.publish(release) == .published)
                #expect(end.isNone)
            } catch let error as RegistryError {
                #expect(!end.isNone && error.isRefusal, "\(error)")
            }
            #expect(try await world.isThere(.file) == end.isNone)
        }
    }
}

extension RegistryError {
    /// Whether it says that somebody may not do something.
    fileprivate var isRefusal: Bool {
        [.unauthenticated, .notFound, .forbidden].contains(code)
    }
}
