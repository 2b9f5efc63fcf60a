// SPDX-License-Identifier: Apache-2.0

/// The properties of a signed-in account that determine its access.
package struct Account: Hashable, Sendable {
    package let id: Int64
    package let name: OwnerName
    package let isAdministrator: Bool
    package let isActive: Bool
    package let isLoginProhibited: Bool
    package let isRestricted: Bool
    /// Whether the account must set a new password before it can be managed; packages are not affected.
    package let mustChangePassword: Bool

    /// Creates an account.
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

    /// Hashes the identifier only, which is enough to distinguish accounts; equality compares everything.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(id)
    }

    /// Whether the account can be used at all.
    package var isUsable: Bool { isActive && !isLoginProhibited }
}

/// The access token of a request, with the properties that determine its access.
package struct UsedToken: Hashable, Sendable {
    package let id: Int64
    package let scopes: ScopeSet

    package init(id: Int64, scopes: ScopeSet) {
        self.id = id
        self.scopes = scopes
    }

    /// Whether the token cannot access anything of owners that are not public, including its own account.
    package var isForPublicOwnersOnly: Bool { scopes.contains(.publicOnly) }

    /// Compares the scopes only: tokens with the same scopes allow the same.
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

    /// Returns whether the password is still the stored one.
    package func isStored(as hash: String?) -> Bool { hash == storedHash }

    /// A text without the hash, which must not appear in a log.
    package var description: String { "a password" }

    /// Treats all passwords as equal, because every password of an account allows the same.
    package static func == (left: UsedPassword, right: UsedPassword) -> Bool { true }

    package func hash(into hasher: inout Hasher) {}
}

/// The credential of a signed-in account.
package enum Credential: Hashable, Sendable {
    /// An access token, by its identifier.
    case token(Int64)
    case password(UsedPassword)
}

/// The originator of a request.
package enum Caller: Hashable, Sendable {
    /// A client that has not signed in.
    case anonymous
    /// An account, with its access token or its password.
    case account(Account, token: UsedToken?, password: UsedPassword? = nil)

    /// The account, or nil for an anonymous caller.
    package var account: Account? {
        switch self {
        case .anonymous: nil
        case .account(let account, _, _): account
        }
    }

    /// The access token, or nil when there is none.
    package var token: UsedToken? {
        switch self {
        case .anonymous: nil
        case .account(_, let token, _): token
        }
    }

    /// The credential, or nil for an anonymous caller or when an administrator impersonates the account.
    package var credential: Credential? {
        guard case .account(_, let token, let password) = self else { return nil }
        return token.map { .token($0.id) } ?? password.map { .password($0) }
    }

    /// Whether the caller's access token is for public owners only.
    package var isForPublicOwnersOnly: Bool { token?.isForPublicOwnersOnly ?? false }

    /// The scopes of the access token, or nil when there is none.
    package var scopes: ScopeSet? { token?.scopes }
}
