// SPDX-License-Identifier: Apache-2.0

/// What an access token may be used for, by Gitea's names.
///
/// A registry of packages has no use for most categories; they are known so that scripts written for Gitea go on working.
package enum Scope: Hashable, Sendable {
    /// A part of the interface that scopes tell apart.
    package enum Category: String, CaseIterable, Sendable {
        case activitypub
        case admin
        case misc
        case notification
        case organization
        case `package`
        case issue
        case repository
        case user
        case project
    }

    /// Narrows the token to what belongs to public owners.
    case publicOnly
    /// Everything in every category.
    case all
    case read(Category)
    /// Includes reading.
    case write(Category)

    package static let readPackage = Scope.read(.package)
    package static let writePackage = Scope.write(.package)

    /// The scopes that this one includes, itself among them.
    fileprivate var included: Set<Scope> {
        switch self {
        case .publicOnly, .read: [self]
        case .write(let category): [.read(category), self]
        case .all: Set(Category.allCases.flatMap { [.read($0), .write($0)] })
        }
    }
}

extension Scope: RawRepresentable, CaseIterable {
    /// All scopes in the order in which a token lists them.
    package static let allCases: [Scope] =
        [.publicOnly, .all] + Category.allCases.flatMap { [.write($0), .read($0)] }

    private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })

    /// Gitea's name of the scope.
    package var rawValue: String {
        switch self {
        case .publicOnly: "public-only"
        case .all: "all"
        case .read(let category): "read:\(category.rawValue)"
        case .write(let category): "write:\(category.rawValue)"
        }
    }

    /// The scope of a name; nil when there is none.
    package init?(rawValue: String) {
        guard let scope = Self.byName[rawValue] else { return nil }
        self = scope
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
        Scope.allCases.filter(isListed).map(\.rawValue)
    }

    /// Whether the scope is granted, by its own name or within another one.
    package func contains(_ scope: Scope) -> Bool {
        scope == .all ? scope.included.isSubset(of: granted) : granted.contains(scope)
    }

    /// Whether a token with these scopes may do nothing that a token with the other ones may not.
    package func isCovered(by other: ScopeSet) -> Bool {
        guard contains(.publicOnly) || !other.contains(.publicOnly) else { return false }
        return granted.subtracting([.publicOnly]).isSubset(of: other.granted)
    }

    /// Whether the scopes allow using a permission on packages.
    package func permits(_ permission: Permission) -> Bool {
        permission.requiredScope.map(contains) ?? true
    }

    private func isListed(_ scope: Scope) -> Bool {
        switch scope {
        case .publicOnly, .all: contains(scope)
        case .write: contains(scope) && !contains(.all)
        case .read(let category): contains(scope) && !contains(.write(category))
        }
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
