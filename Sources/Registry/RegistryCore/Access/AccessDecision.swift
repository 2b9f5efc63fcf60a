// SPDX-License-Identifier: Apache-2.0

/// The outcome of an access check.
package enum AccessDecision: Hashable, Sendable {
    case allowed
    /// The request is anonymous or its credential is unusable; signing in may help.
    case unauthenticated
    /// The caller must not learn whether the owner exists.
    case notFound
    /// The caller may see the owner but lacks the permission.
    case forbidden(ForbiddenReason)
}

/// The reason for refusing a caller that may read an owner's packages.
package enum ForbiddenReason: Hashable, Sendable, CustomStringConvertible {
    case readOnly
    /// Only owners may change the owner itself.
    case notOwner
    case missingScope(Scope)
    /// The access token is for public owners only.
    case publicOnly

    /// The reason and the remedy.
    package var description: String {
        switch self {
        case .readOnly:
            "you may read the packages of this owner but not change them; ask an owner for write permission"
        case .notOwner:
            "only its owners and administrators may change this; ask one of them"
        case .publicOnly:
            "the access token is for public owners only, and this owner is not public; use another token"
        case .missingScope(let scope):
            "the access token lacks the scope \(scope.rawValue); use a token that has it"
        }
    }
}
