// SPDX-License-Identifier: Apache-2.0

/// What an access token may be used for, by Gitea's names.
package enum Scope: String, CaseIterable, Sendable {
    case readPackage = "read:package"
    case writePackage = "write:package"
    case all

    /// The scopes that this one includes, itself among them.
    fileprivate var included: Set<Scope> {
        switch self {
        case .readPackage: [.readPackage]
        case .writePackage: [.readPackage, .writePackage]
        case .all: Set(Scope.allCases)
        }
    }
}

/// The scopes of an access token.
package struct ScopeSet: Hashable, Sendable {
    /// Everything that is granted, included scopes spelled out.
    private let granted: Set<Scope>

    /// Grants the scopes and all that they include.
    package init(_ scopes: some Sequence<Scope>) {
        granted = scopes.reduce(into: []) { $0.formUnion($1.included) }
    }

    /// Parses the names that a user or a stored token lists.
    package init(parsing names: [String]) throws(InvalidScope) {
        guard !names.isEmpty else { throw InvalidScope(name: nil) }
        var scopes: [Scope] = []
        for name in names {
            guard let scope = Scope(rawValue: name) else { throw InvalidScope(name: name) }
            scopes.append(scope)
        }
        self.init(scopes)
    }

    /// The fewest names that grant the same, in a fixed order.
    package var names: [String] {
        Scope.allCases
            .filter { scope in
                granted.contains(scope) && !granted.contains { $0 != scope && $0.included.contains(scope) }
            }
            .map(\.rawValue)
    }

    /// Whether the scope is granted, by its own name or within another one.
    package func contains(_ scope: Scope) -> Bool {
        granted.contains(scope)
    }

    /// Whether the scopes allow using a permission on packages.
    package func permits(_ permission: Permission) -> Bool {
        permission.requiredScope.map(contains) ?? true
    }
}

extension Permission {
    /// The scope that a token needs to use this permission.
    var requiredScope: Scope? {
        switch self {
        case .none: nil
        case .read: .readPackage
        case .write: .writePackage
        }
    }
}
