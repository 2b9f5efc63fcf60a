// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("who may do what", .timeLimit(.minutes(15)))
struct AccessPolicyTests {
    /// The kinds of caller; the owner `.user(id: 1)` is the account 1.
    private enum Doer: String, CaseIterable, Sendable {
        case anonymous
        case ordinary
        case restricted
        case inactive
        case prohibited
        case inactiveAdministrator
        case prohibitedAdministrator
        case itself
        case restrictedItself
        case inactiveItself
        case administrator

        func caller(token: ScopeSet? = nil) throws -> Caller {
            guard self != .anonymous else { return .anonymous }
            let isItself = [.itself, .restrictedItself, .inactiveItself].contains(self)
            let account = Account(
                id: isItself ? 1 : 2,
                name: try OwnerName("alice"),
                isAdministrator: [.administrator, .inactiveAdministrator, .prohibitedAdministrator].contains(self),
                isActive: ![.inactive, .inactiveAdministrator, .inactiveItself].contains(self),
                isLoginProhibited: [.prohibited, .prohibitedAdministrator].contains(self),
                isRestricted: [.restricted, .restrictedItself].contains(self)
            )
            return .account(account, token: token.map { UsedToken(id: 1, scopes: $0) })
        }
    }

    private static let owners: [OwnerAccess] = [
        OwnerAccess(kind: .user(id: 1), visibility: .public, membership: nil),
        OwnerAccess(kind: .user(id: 1), visibility: .limited, membership: nil),
        OwnerAccess(kind: .user(id: 1), visibility: .private, membership: nil),
        OwnerAccess(kind: .organization, visibility: .public, membership: nil),
        OwnerAccess(kind: .organization, visibility: .limited, membership: nil),
        OwnerAccess(kind: .organization, visibility: .private, membership: nil),
    ]

    /// Public, limited and private user; public, limited and private organization of which one is no member.
    private static let table: [Doer: String] = [
        .anonymous: "R - - R - -",
        .ordinary: "R R - R R -",
        .restricted: "R R - - - -",
        .inactive: "- - - - - -",
        .prohibited: "- - - - - -",
        .inactiveAdministrator: "- - - - - -",
        .prohibitedAdministrator: "- - - - - -",
        .itself: "RW RW RW R R -",
        .restrictedItself: "RW RW RW - - -",
        .inactiveItself: "- - - - - -",
        .administrator: "RW RW RW RW RW RW",
    ]

    private static func permissions(_ row: String) throws -> [Permission] {
        try row.split(separator: " ").map {
            try #require((["-": Permission.none, "R": .read, "RW": .write] as [String: Permission])[String($0)])
        }
    }

    @Test("a caller who is no member has the permission of the table", arguments: Doer.allCases)
    private func nonMembers(doer: Doer) throws {
        let expected = try Self.permissions(try #require(Self.table[doer]))
        #expect(expected.count == Self.owners.count)
        for (owner, permission) in zip(Self.owners, expected) {
            #expect(AccessPolicy.permission(of: try doer.caller(), on: owner) == permission, "\(owner)")
        }
    }

    @Test("a member of an organization has the packages permission of its teams, and at least reads")
    func members() throws {
        let rows: [(Membership, Permission)] = [
            (Membership(isOwner: true, packages: .none), .write),
            (Membership(isOwner: true, packages: .write), .write),
            (Membership(isOwner: false, packages: .write), .write),
            (Membership(isOwner: false, packages: .read), .read),
            (Membership(isOwner: false, packages: .none), .read),
        ]
        for visibility in Visibility.allCases {
            for (membership, permission) in rows {
                let owner = OwnerAccess(kind: .organization, visibility: visibility, membership: membership)
                for doer in [Doer.ordinary, .restricted] {
                    #expect(
                        AccessPolicy.permission(of: try doer.caller(), on: owner) == permission,
                        "\(doer) \(owner)"
                    )
                }
                for doer in [Doer.inactive, .prohibited, .inactiveAdministrator, .prohibitedAdministrator] {
                    #expect(AccessPolicy.permission(of: try doer.caller(), on: owner) == .none, "\(doer) \(owner)")
                }
                #expect(AccessPolicy.permission(of: try Doer.administrator.caller(), on: owner) == .write)
            }
        }
    }

    @Test("membership does not count for a user's packages")
    func membershipOfUser() throws {
        let owner = OwnerAccess(
            kind: .user(id: 1),
            visibility: .private,
            membership: Membership(isOwner: true, packages: .write)
        )
        #expect(AccessPolicy.permission(of: try Doer.ordinary.caller(), on: owner) == .none)
    }

    /// A caller, an owner and the decisions on reading and on writing.
    private struct DecisionRow: Sendable, CustomTestStringConvertible {
        let doer: Doer
        let token: ScopeSet?
        let owner: OwnerAccess?
        let read: AccessDecision
        let write: AccessDecision

        var testDescription: String {
            "\(doer) with \(token?.names.description ?? "password") on \(owner.map { "\($0)" } ?? "nobody")"
        }
    }

    private static let readToken = ScopeSet([.readPackage])
    private static let writeToken = ScopeSet([.writePackage])
    private static let noToken = ScopeSet([])
    private static let member = OwnerAccess(
        kind: .organization,
        visibility: .private,
        membership: Membership(isOwner: false, packages: .read)
    )

    private static func row(
        _ doer: Doer,
        _ token: ScopeSet?,
        _ owner: OwnerAccess?,
        _ read: AccessDecision,
        _ write: AccessDecision
    ) -> DecisionRow {
        DecisionRow(doer: doer, token: token, owner: owner, read: read, write: write)
    }

    private static let decisions = [
        row(.anonymous, nil, owners[0], .allowed, .unauthenticated),
        row(.anonymous, nil, owners[3], .allowed, .unauthenticated),
        row(.anonymous, nil, owners[1], .unauthenticated, .unauthenticated),
        row(.anonymous, nil, owners[2], .unauthenticated, .unauthenticated),
        row(.anonymous, nil, owners[5], .unauthenticated, .unauthenticated),
        row(.anonymous, nil, nil, .unauthenticated, .unauthenticated),
        row(.ordinary, nil, owners[0], .allowed, .forbidden(.readOnly)),
        row(.ordinary, nil, owners[2], .notFound, .notFound),
        row(.ordinary, nil, nil, .notFound, .notFound),
        row(.ordinary, nil, member, .allowed, .forbidden(.readOnly)),
        row(.ordinary, writeToken, owners[0], .allowed, .forbidden(.readOnly)),
        row(.ordinary, readToken, owners[0], .allowed, .forbidden(.readOnly)),
        row(.ordinary, noToken, owners[0], .forbidden(.missingScope(.readPackage)), .forbidden(.readOnly)),
        row(.ordinary, noToken, owners[2], .notFound, .notFound),
        row(.ordinary, noToken, nil, .notFound, .notFound),
        row(.restricted, nil, owners[3], .notFound, .notFound),
        row(.itself, nil, owners[2], .allowed, .allowed),
        row(.itself, writeToken, owners[2], .allowed, .allowed),
        row(.itself, ScopeSet([.all]), owners[2], .allowed, .allowed),
        row(.itself, readToken, owners[2], .allowed, .forbidden(.missingScope(.writePackage))),
        row(
            .itself,
            noToken,
            owners[2],
            .forbidden(.missingScope(.readPackage)),
            .forbidden(.missingScope(.writePackage))
        ),
        row(.administrator, nil, owners[5], .allowed, .allowed),
        row(.administrator, readToken, owners[5], .allowed, .forbidden(.missingScope(.writePackage))),
        row(.administrator, nil, nil, .notFound, .notFound),
        row(.inactive, nil, owners[0], .unauthenticated, .unauthenticated),
        row(.inactiveItself, nil, owners[0], .unauthenticated, .unauthenticated),
        row(.prohibited, nil, nil, .unauthenticated, .unauthenticated),
        row(.inactiveAdministrator, nil, owners[0], .unauthenticated, .unauthenticated),
        row(.prohibitedAdministrator, nil, owners[5], .unauthenticated, .unauthenticated),
    ]

    @Test("a request is decided so that nothing private is revealed", arguments: decisions)
    private func decision(row: DecisionRow) throws {
        let caller = try row.doer.caller(token: row.token)
        #expect(AccessPolicy.decision(for: .read, by: caller, on: row.owner) == row.read)
        #expect(AccessPolicy.decision(for: .write, by: caller, on: row.owner) == row.write)
        // Needing nothing is still asking whether the owner exists.
        #expect(AccessPolicy.decision(for: .none, by: caller, on: row.owner) == row.read)
    }

    @Test("an owner without read access and one that does not exist cannot be told apart", arguments: Doer.allCases)
    private func indistinguishable(doer: Doer) throws {
        for token in [nil, Self.noToken, Self.readToken, ScopeSet([.all])] {
            let caller = try doer.caller(token: token)
            for owner in Self.owners where AccessPolicy.permission(of: caller, on: owner) == .none {
                for needed in Permission.allCases {
                    #expect(
                        AccessPolicy.decision(for: needed, by: caller, on: owner)
                            == AccessPolicy.decision(for: needed, by: caller, on: nil)
                    )
                }
            }
        }
    }

    @Test("a refusal says what to do")
    func reasons() {
        #expect("\(ForbiddenReason.missingScope(.writePackage))".contains("write:package"))
        #expect("\(ForbiddenReason.readOnly)".contains("ask"))
    }
}
