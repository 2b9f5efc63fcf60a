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
    case missingScope(Scope)

    /// One sentence that says what to do.
    package var description: String {
        switch self {
        case .readOnly:
            "you may read the packages of this owner but not change them: ask an owner for write permission"
        case .missingScope(let scope):
            "the access token lacks the scope \(scope.rawValue): use a token that has it"
        }
    }
}
