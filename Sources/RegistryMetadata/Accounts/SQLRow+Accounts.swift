// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryStorage

extension SQLRow {
    /// The account in six columns: id, name, administrator, active, login prohibited, restricted.
    func account(startingAt column: Int) throws -> Account {
        Account(
            id: try integer(column),
            name: try OwnerName(try text(column + 1)),
            isAdministrator: try flag(column + 2),
            isActive: try flag(column + 3),
            isLoginProhibited: try flag(column + 4),
            isRestricted: try flag(column + 5)
        )
    }

    /// The user in nine columns: those of its account, e-mail address, visibility, creation.
    func user() throws -> User {
        User(
            account: try account(startingAt: 0),
            email: try EmailAddress(try text(6)),
            visibility: try word(7),
            createdAt: try time(8)
        )
    }

    /// The owner in five columns: id, name, kind, visibility, contract.
    func owner() throws -> Owner {
        Owner(
            id: try integer(0),
            name: try OwnerName(try text(1)),
            kind: try word(2),
            visibility: try word(3),
            contract: columns[4] == .null ? nil : try word(4)
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
                "column \(column) of the result is no \(Word.self): the database was changed by hand"
            )
        }
        return word
    }
}
