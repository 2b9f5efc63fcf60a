// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// Who publishes under whose name, by what.
struct Publisher: Hashable, Sendable {
    let account: Int64
    /// The credential to check again; nil if no check is needed.
    let credential: Credential?
    let owner: Int64
}

/// Why somebody may not publish any more who was allowed to when the upload began.
package enum PublishRefusal: Hashable, Sendable {
    /// The account, the access token or the password is gone, or may not be used any more.
    case unauthenticated
    /// The owner is gone, or may not be known any more.
    case notFound
    case forbidden(ForbiddenReason)
}

extension NewFile {
    var publisher: Publisher { Publisher(account: creator, credential: credential, owner: owner) }
}

extension Credential {
    fileprivate var token: Int64? { if case .token(let id) = self { id } else { nil } }
}

extension MetadataStore {
    /// Decides again what was decided before the body came, which may have been hours ago.
    static func refusal(
        of publisher: Publisher,
        _ now: Timestamp,
        _ connection: any SQLConnection
    ) throws -> PublishRefusal? {
        let row = try connection.first(
            """
            SELECT publisher.id, publisher.name, account.is_administrator, account.is_active,
                account.is_login_prohibited, account.is_restricted, account.must_change_password,
                owner.id, owner.name, owner.kind, owner.visibility, owner.contract,
                access_token.id, access_token.expires_at, access_token.scopes, account.password_hash
            FROM account
            JOIN owner AS publisher ON publisher.id = account.owner_id
            LEFT JOIN owner ON owner.id = $2
            LEFT JOIN access_token ON access_token.id = $3
            WHERE account.owner_id = $1
            """,
            [.integer(publisher.account), .integer(publisher.owner), .integer(publisher.credential?.token)]
        )
        guard let row else { return .unauthenticated }
        var token: UsedToken?
        switch publisher.credential {
        case nil: break
        case .password(let password):
            guard password.isStored(as: try row.optionalText(15)) else { return .unauthenticated }
        case .token(let id):
            guard try row.optionalInteger(12) != nil, try row.optionalTime(13).map({ $0 > now }) ?? true else {
                return .unauthenticated
            }
            token = UsedToken(id: id, scopes: try row.scopes(14))
        }
        guard try row.optionalInteger(7) != nil else { return .notFound }
        let account = try row.account(startingAt: 0)
        let access = try access(to: try row.owner(startingAt: 7), by: account, connection)
        return switch AccessPolicy.decision(for: .write, by: .account(account, token: token), on: access) {
        case .allowed: nil
        case .unauthenticated: .unauthenticated
        case .notFound: .notFound
        case .forbidden(let reason): .forbidden(reason)
        }
    }

    /// Looks once more at the end of a transaction that may have waited for others who write at the same time, and undoes it
    /// when they ended what allows it.
    func lookAgain<Outcome: Sendable>(
        at publisher: Publisher,
        _ connection: any SQLConnection,
        _ outcome: (PublishRefusal) -> Outcome
    ) throws {
        guard database.dialect != .sqlite else { return }
        guard let refusal = try Self.refusal(of: publisher, try connection.now(), connection) else { return }
        throw Rollback(outcome(refusal))
    }
}
