// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
package import RegistryMetadata
import RegistryStorage

/// Authenticates the credentials of a request.
package struct Authenticate: Sendable {
    /// The result of a password check.
    ///
    /// A wrong password is a result, not an error, so that concurrent callers can share one check.
    private enum Verdict: Sendable {
        case accepted(Account, UsedPassword?)
        case refused
    }

    private struct Check: Hashable, Sendable {
        let key: CredentialCache.Key
        let generation: CredentialCache.Generation
    }

    private static let tokenPassword = "x-oauth-basic"
    private static let refusal = RegistryError.unauthenticated(
        "invalid credentials: check the user name, password or access token, or ask an administrator for new ones"
    )

    private let credentials: CredentialStore
    private let hasher: PasswordHasher
    private let cache: CredentialCache
    private let limit: SignInLimit
    private let checks = SharedWork<Check, Verdict>()

    /// Creates the use case; `Accounts` must share the cache.
    package init(metadata: Metadata, hasher: PasswordHasher, cache: CredentialCache, limit: SignInLimit) {
        credentials = metadata.credentials
        self.hasher = hasher
        self.cache = cache
        self.limit = limit
    }

    /// Returns the caller for credentials; throws `unauthenticated` for invalid ones and for disabled accounts.
    ///
    /// Wrong passwords count against the account and the client's address, and eventually throw `TooManySignIns`.
    package func callAsFunction(_ credentials: Credentials, from address: String? = nil) async throws -> Caller {
        switch credentials {
        case .none:
            return .anonymous
        case .token(let text):
            guard let secret = AccessTokenSecret(text) else { throw Self.refusal }
            return try await caller(withToken: secret)
        case .basic(let user, let password):
            if let secret = Self.token(user: user, password: password) { return try await caller(withToken: secret) }
            return try await caller(named: user.trimmed(), password: password, from: address)
        }
    }

    /// The generation of the cache, which changes with every change to an account, a password or a token.
    package var generation: CredentialCache.Generation { cache.generation }

    /// Returns the caller for credentials that were verified less than a minute ago; never waits.
    package func remembered(_ credentials: Credentials) -> Caller? {
        switch credentials {
        case .none: return .anonymous
        case .token(let text): return cache.caller(for: cache.key("token", text))
        case .basic(let user, let password):
            if let secret = Self.token(user: user, password: password) {
                return cache.caller(for: cache.key("token", secret.text))
            }
            return cache.caller(for: cache.key("password", user.trimmed().lowercased(), password))
        }
    }

    /// Returns the access token that a Basic-only client sends as the user name or the password.
    private static func token(user: String, password: String) -> AccessTokenSecret? {
        if let secret = AccessTokenSecret(password) { return secret }
        return password.isEmpty || password == tokenPassword ? AccessTokenSecret(user) : nil
    }

    private func caller(withToken secret: AccessTokenSecret) async throws -> Caller {
        let key = cache.key("token", secret.text)
        if let caller = cache.caller(for: key) { return caller }
        let generation = cache.generation
        guard let found = try await credentials.accountWithToken(secretSHA256: try secret.sha256()) else {
            throw Self.refusal
        }
        if let remaining = found.remaining, remaining <= .zero {
            throw RegistryError.unauthenticated("the access token has expired: create a new one")
        }
        try Self.checkUsable(found.account)
        if !found.wasUsedRecently { try await noteUse(of: found.tokenID) }
        let caller = Caller.account(found.account, token: UsedToken(id: found.tokenID, scopes: found.scopes))
        cache.remember(caller, for: key, remaining: found.remaining, in: generation)
        return caller
    }

    private func caller(named login: String, password: String, from address: String?) async throws -> Caller {
        let key = cache.key("password", login.lowercased(), password)
        if let caller = cache.caller(for: key) { return caller }
        let generation = cache.generation
        let verdict = try await checks.value(for: Check(key: key, generation: generation)) {
            let found = try await credentials.credential(named: login)
            let keys: [SignInLimit.Key] =
                [found.map { .account($0.account.id) } ?? .unknown(login.lowercased())]
                + (address.map { [.address($0)] } ?? [])
            let isRight = try await limit.run(keys) {
                try await hasher.verify(password, against: found?.passwordHash)
            }
            guard isRight, let found else { return Verdict.refused }
            return .accepted(found.account, found.passwordHash.map(UsedPassword.init(storedHash:)))
        }
        guard case .accepted(let account, let password) = verdict else { throw Self.refusal }
        try Self.checkUsable(account)
        let caller = Caller.account(account, token: nil, password: password)
        cache.remember(caller, for: key, remaining: nil, in: generation)
        return caller
    }

    private static func checkUsable(_ account: Account) throws {
        guard account.isUsable else {
            throw RegistryError.unauthenticated("the account \(account.name) is disabled: ask an administrator")
        }
    }

    private func noteUse(of token: Int64) async throws {
        do {
            try await credentials.touchToken(token)
        } catch is SQLError {
            // A full or read-only disk must not stop downloads; only the last-used date is lost.
        }
    }
}

extension String {
    /// Returns the text without leading and trailing spaces.
    func trimmed() -> String {
        let scalars = unicodeScalars
        guard
            let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
        else { return "" }
        return String(scalars[first...last])
    }
}
