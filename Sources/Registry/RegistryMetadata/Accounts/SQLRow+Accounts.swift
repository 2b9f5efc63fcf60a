// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension SQLRow {
    /// The account in seven columns: id, name, administrator, active, login prohibited, restricted, new password due.
    func account(startingAt column: Int) throws -> Account {
        Account(
            id: try integer(column),
            name: try OwnerName(try text(column + 1)),
            isAdministrator: try flag(column + 2),
            isActive: try flag(column + 3),
            isLoginProhibited: try flag(column + 4),
            isRestricted: try flag(column + 5),
            mustChangePassword: try flag(column + 6)
        )
    }

    /// The user in ten columns: those of its account, e-mail address, visibility, creation.
    func user() throws -> User {
        User(
            account: try account(startingAt: 0),
            email: try EmailAddress(try text(7)),
            visibility: try word(8),
            createdAt: try time(9)
        )
    }

    /// The profile in the seventeen columns of `owner_profile`, from one of them on; nil when they are all null.
    func profile(startingAt column: Int = 0) throws -> OwnerProfile? {
        guard columns[column] != .null else { return nil }
        let owner = Owner(
            id: try integer(column),
            name: try OwnerName(try text(column + 1)),
            kind: try word(column + 2),
            visibility: try word(column + 3),
            contract: columns[column + 4] == .null ? nil : try word(column + 4)
        )
        return OwnerProfile(
            owner: owner,
            details: OwnerDetails(
                fullName: try text(column + 5),
                description: try text(column + 6),
                website: try text(column + 7),
                location: try text(column + 8)
            ),
            createdAt: try time(column + 9),
            email: try text(column + 10),
            account: owner.kind == .user ? try profileAccount(owner, column + 11) : nil,
            isEmailHidden: try optionalInteger(column + 16) == 1
        )
    }

    private func profileAccount(_ owner: Owner, _ column: Int) throws -> Account {
        Account(
            id: owner.id,
            name: owner.name,
            isAdministrator: try flag(column),
            isActive: try flag(column + 1),
            isLoginProhibited: try flag(column + 2),
            isRestricted: try flag(column + 3),
            mustChangePassword: try flag(column + 4)
        )
    }

    /// The team in seven columns: id, organization, name, description, owners, administrators, packages permission.
    func team() throws -> Team {
        Team(
            id: try integer(0),
            organization: try integer(1),
            name: try TeamName(try text(2)),
            description: try text(3),
            isOwners: try flag(4),
            isAdministrators: try flag(5),
            packages: try word(6)
        )
    }

    /// The owner in five columns: id, name, kind, visibility, contract.
    func owner(startingAt column: Int = 0) throws -> Owner {
        Owner(
            id: try integer(column),
            name: try OwnerName(try text(column + 1)),
            kind: try word(column + 2),
            visibility: try word(column + 3),
            contract: columns[column + 4] == .null ? nil : try word(column + 4)
        )
    }

    /// The access token in seven columns: id, name, end of the secret, scopes, creation, expiry, last use.
    func accessToken() throws -> AccessToken {
        AccessToken(
            id: try integer(0),
            name: try TokenName(try text(1)),
            lastEight: try text(2),
            scopes: try scopes(3),
            createdAt: try time(4),
            expiresAt: try optionalTime(5),
            lastUsedAt: try optionalTime(6)
        )
    }

    /// The scopes in a column that lists their names with commas.
    func scopes(_ column: Int) throws -> ScopeSet {
        try ScopeSet(parsing: try text(column).split(separator: ",").map(String.init))
    }

    /// One of the words that a column may hold.
    func word<Word: RawRepresentable<String>>(_ column: Int) throws -> Word {
        guard let word = Word(rawValue: try text(column)) else {
            throw SQLError(
                .unexpectedValue,
                "column \(column) of the result is not a valid \(Word.self): the database was modified manually"
            )
        }
        return word
    }
}
