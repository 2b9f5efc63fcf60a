// SPDX-License-Identifier: Apache-2.0

/// An account that has signed in, as far as access depends on it.
package struct Account: Hashable, Sendable {
    package let id: Int64
    package let name: OwnerName
    package let isAdministrator: Bool
    package let isActive: Bool
    package let isLoginProhibited: Bool
    package let isRestricted: Bool

    /// Describes an account.
    package init(
        id: Int64,
        name: OwnerName,
        isAdministrator: Bool,
        isActive: Bool,
        isLoginProhibited: Bool,
        isRestricted: Bool
    ) {
        self.id = id
        self.name = name
        self.isAdministrator = isAdministrator
        self.isActive = isActive
        self.isLoginProhibited = isLoginProhibited
        self.isRestricted = isRestricted
    }

    /// Whether the account may be used at all.
    package var isUsable: Bool { isActive && !isLoginProhibited }
}

/// Who is asking.
package enum Actor: Hashable, Sendable {
    /// Nobody has signed in.
    case anonymous
    /// An account, with the scopes of its access token, or nil when it gave its password.
    case account(Account, token: ScopeSet?)

    /// The account, if one has signed in.
    package var account: Account? {
        switch self {
        case .anonymous: nil
        case .account(let account, token: _): account
        }
    }
}
