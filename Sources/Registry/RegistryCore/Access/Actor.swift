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

/// Who is asking.
package enum Actor: Hashable, Sendable {
    /// Nobody has signed in.
    case anonymous
    /// An account, with its access token, or nil when it gave its password.
    case account(Account, token: UsedToken?)

    /// The account, if one has signed in.
    package var account: Account? {
        switch self {
        case .anonymous: nil
        case .account(let account, token: _): account
        }
    }

    /// The access token; nil when there is none.
    package var token: UsedToken? {
        switch self {
        case .anonymous: nil
        case .account(_, let token): token
        }
    }

    /// Whether its access token reaches public owners only.
    package var isForPublicOwnersOnly: Bool { token?.isForPublicOwnersOnly ?? false }

    /// The scopes of the access token; nil when there is none.
    package var scopes: ScopeSet? { token?.scopes }
}
