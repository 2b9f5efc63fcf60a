// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// The account that publishes, the owner under whose name, and the credential.
struct Publisher: Hashable, Sendable {
    let account: Int64
    /// The credential to check again; nil if no check is needed.
    let credential: Credential?
    let owner: Int64

    /// What the decision needs of the account, its credential and the owner.
    fileprivate static let rights: SQL = """
        SELECT publisher.id, publisher.name, account.is_administrator, account.is_active,
            account.is_login_prohibited, account.is_restricted, account.must_change_password,
            account.password_hash, access_token.id, access_token.expires_at, access_token.scopes,
            \(Owner.columns)
        FROM account
        JOIN owner AS publisher ON publisher.id = account.owner_id
        LEFT JOIN owner ON owner.id = $2
        LEFT JOIN access_token ON access_token.id = $3
        WHERE account.owner_id = $1
        """
}

/// The reason why a publisher who was allowed to when the upload began is no longer.
package enum PublishRefusal: Hashable, Sendable {
    /// The account, the access token or the password no longer exists or may no longer be used.
    case unauthenticated
    /// The owner no longer exists, or the publisher may no longer know that it does.
    case notFound
    case forbidden(ForbiddenReason)
}

extension NewFile {
    var publisher: Publisher { Publisher(account: creator, credential: credential, owner: owner) }
}

extension Credential {
    fileprivate var token: Int64? { if case .token(let id) = self { id } else { nil } }
}

extension Transaction {
    /// Decides again what was decided before the body was received, which may have taken hours.
    func refusal(of publisher: Publisher, _ now: Timestamp) throws -> PublishRefusal? {
        let found = try first(
            Publisher.rights,
            [.integer(publisher.account), .integer(publisher.owner), .integer(publisher.credential?.token)]
        ) { row in
            let (account, passwordHash) = (try Account(reading: &row), try row.optionalText())
            let (token, expiresAt) = (try row.optionalInteger(), try row.optionalTime())
            var scopes: ScopeSet?
            if row.isNull { row.skip() } else { scopes = try row.scopes() }
            let owner = row.isNull ? nil : try Owner(reading: &row)
            return (
                account: account, passwordHash: passwordHash, owner: owner,
                token: token.flatMap { id in
                    scopes.map { (used: UsedToken(id: id, scopes: $0), expiresAt: expiresAt) }
                }
            )
        }
        guard let found else { return .unauthenticated }
        switch publisher.credential {
        case nil: break
        case .password(let password):
            guard password.isStored(as: found.passwordHash) else { return .unauthenticated }
        case .token:
            guard let token = found.token, token.expiresAt.map({ $0 > now }) ?? true else { return .unauthenticated }
        }
        guard let owner = found.owner else { return .notFound }
        let access = try owners.access(to: owner, by: found.account)
        let caller = Caller.account(found.account, token: found.token?.used)
        return switch AccessPolicy.decision(for: .write, by: caller, on: access) {
        case .allowed: nil
        case .unauthenticated: .unauthenticated
        case .notFound: .notFound
        case .forbidden(let reason): .forbidden(reason)
        }
    }

    /// Decides once more at the end of a transaction that may have waited for concurrent writers, and undoes it if they withdrew the
    /// publisher's access.
    func lookAgain<Outcome: Sendable>(at publisher: Publisher, _ outcome: (PublishRefusal) -> Outcome) throws {
        // SQLite has a single writer.
        guard dialect != .sqlite, let refusal = try refusal(of: publisher, try now) else { return }
        throw Rollback(outcome(refusal))
    }
}
