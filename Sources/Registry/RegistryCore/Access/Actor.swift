// SPDX-License-Identifier: Apache-2.0

/// An account that has signed in, as far as access depends on it.
package struct Account: Hashable, Sendable {
    package let id: Int64
    package let name: OwnerName
    package let isAdministrator: Bool
    package let isActive: Bool
    package let isLoginProhibited: Bool
    package let isRestricted: Bool
    /// Whether a new password is due before the account may be managed; packages are not affected.
    package let mustChangePassword: Bool

    /// Describes an account.
    package init(
        id: Int64,
        name: OwnerName,
        isAdministrator: Bool,
        isActive: Bool,
        isLoginProhibited: Bool,
        isRestricted: Bool,
        mustChangePassword: Bool = false
    ) {
        self.id = id
        self.name = name
        self.isAdministrator = isAdministrator
        self.isActive = isActive
        self.isLoginProhibited = isLoginProhibited
        self.isRestricted = isRestricted
        self.mustChangePassword = mustChangePassword
    }

    /// Looks at the number only, which tells accounts apart; equality looks at everything.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(id)
    }

    /// Whether the account may be used at all.
    package var isUsable: Bool { isActive && !isLoginProhibited }
}

/// The access token that somebody has signed in with, as far as access depends on it.
package struct UsedToken: Hashable, Sendable {
    package let id: Int64
    package let scopes: ScopeSet

    package init(id: Int64, scopes: ScopeSet) {
        self.id = id
        self.scopes = scopes
    }

    /// Whether everything that belongs to other owners than public ones is out of reach, the own account included.
    package var isForPublicOwnersOnly: Bool { scopes.contains(.publicOnly) }

    /// Looks at the scopes only: whoever has another token of the same scopes may do the same.
    package static func == (left: UsedToken, right: UsedToken) -> Bool { left.scopes == right.scopes }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(scopes)
    }
}

/// The password of a signed-in account, identified by its stored hash so that a later change can be detected.
package struct UsedPassword: Hashable, Sendable, CustomStringConvertible {
    private let storedHash: String

    package init(storedHash: String) {
        self.storedHash = storedHash
    }

    /// Whether this still is what is stored.
    package func isStored(as hash: String?) -> Bool { hash == storedHash }

    /// Nothing of the hash, which must not get into a log.
    package var description: String { "a password" }

    /// Every password of an account allows the same.
    package static func == (left: UsedPassword, right: UsedPassword) -> Bool { true }

    package func hash(into hasher: inout Hasher) {}
}

/// The credential of a signed-in account.
package enum Credential: Hashable, Sendable {
    /// The access token of a number.
    case token(Int64)
    case password(UsedPassword)
}

/// Who is asking.
package enum Actor: Hashable, Sendable {
    /// Nobody has signed in.
    case anonymous
    /// An account, with its access token, or else its password.
    case account(Account, token: UsedToken?, password: UsedPassword? = nil)

    /// The account, if one has signed in.
    package var account: Account? {
        switch self {
        case .anonymous: nil
        case .account(let account, _, _): account
        }
    }

    /// The access token; nil when there is none.
    package var token: UsedToken? {
        switch self {
        case .anonymous: nil
        case .account(_, let token, _): token
        }
    }

    /// The credential; nil for an anonymous actor, or when an administrator impersonates the account.
    package var credential: Credential? {
        guard case .account(_, let token, let password) = self else { return nil }
        return token.map { .token($0.id) } ?? password.map { .password($0) }
    }

    /// Whether its access token reaches public owners only.
    package var isForPublicOwnersOnly: Bool { token?.isForPublicOwnersOnly ?? false }

    /// The scopes of the access token; nil when there is none.
    package var scopes: ScopeSet? { token?.scopes }
}
