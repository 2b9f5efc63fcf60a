// SPDX-License-Identifier: Apache-2.0

/// What becomes of a request for access.
package enum AccessDecision: Hashable, Sendable {
    case allowed
    /// Signing in might help.
    case unauthenticated
    /// The actor may not know whether the owner exists.
    case notFound
    /// The actor may know the owner, but not do this.
    case forbidden(ForbiddenReason)
}

/// Why an actor who may read an owner's packages is refused.
package enum ForbiddenReason: Hashable, Sendable, CustomStringConvertible {
    case readOnly
    /// Only owners change the owner itself.
    case notOwner
    case missingScope(Scope)
    /// The access token is for public owners only.
    case publicOnly

    /// One sentence that says what to do.
    package var description: String {
        switch self {
        case .readOnly:
            "you may read the packages of this owner but not change them: ask an owner for write permission"
        case .notOwner:
            "only its owners and administrators may change this: ask one of them"
        case .publicOnly:
            "the access token is for public owners only, and this owner is not public: use another token"
        case .missingScope(let scope):
            "the access token lacks the scope \(scope.rawValue): use a token that has it"
        }
    }
}
