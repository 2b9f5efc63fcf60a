// SPDX-License-Identifier: Apache-2.0

/// The scope of an access token, with Gitea's names.
///
/// A package registry does not use most categories. They are accepted so that scripts written for Gitea keep working.
package enum Scope: Hashable, Sendable {
    /// A part of the API that scopes distinguish.
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

    /// Limits the token to data of public owners.
    case publicOnly
    /// Everything in every category.
    case all
    case read(Category)
    /// Includes reading.
    case write(Category)

    package static let readPackage = Scope.read(.package)
    package static let writePackage = Scope.write(.package)

    /// The scopes that this one includes, with itself.
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

    /// Creates the scope with the given name, or returns nil when there is none.
    package init?(rawValue: String) {
        guard let scope = Self.byName[rawValue] else { return nil }
        self = scope
    }
}

/// The scopes of an access token.
package struct ScopeSet: Hashable, Sendable {
    /// The granted scopes, with all included ones.
    private let granted: Set<Scope>

    /// Creates a set with the given scopes and all that they include.
    package init(_ scopes: some Sequence<Scope>) {
        granted = scopes.reduce(into: []) { $0.formUnion($1.included) }
    }

    /// Parses names given by a user or stored with a token.
    package init(parsing names: [String]) throws(InvalidScope) {
        guard !names.isEmpty else { throw InvalidScope(name: nil) }
        var scopes: [Scope] = []
        for name in names {
            guard let scope = Scope(rawValue: name) else { throw InvalidScope(name: name) }
            scopes.append(scope)
        }
        self.init(scopes)
    }

    /// The shortest list of names that grants the same, in a fixed order.
    package var names: [String] {
        Scope.allCases.filter(isListed).map(\.rawValue)
    }

    /// Returns whether the scope is granted, directly or by another scope.
    package func contains(_ scope: Scope) -> Bool {
        scope == .all ? scope.included.isSubset(of: granted) : granted.contains(scope)
    }

    /// Returns whether a token with these scopes allows nothing that a token with the other scopes does not allow.
    package func isCovered(by other: ScopeSet) -> Bool {
        guard contains(.publicOnly) || !other.contains(.publicOnly) else { return false }
        return granted.subtracting([.publicOnly]).isSubset(of: other.granted)
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

/// The error of a scope list that is empty or contains an unknown name.
package struct InvalidScope: Error, Hashable, CustomStringConvertible {
    /// The unknown name, or nil when no scope was given.
    package let name: String?

    /// The problem with a list of the valid scopes.
    package var description: String {
        let categories = Scope.Category.allCases.map(\.rawValue).joined(separator: ", ")
        let known = "all, public-only, and read: or write: followed by one of \(categories)"
        guard let name else { return "no scope was given; choose one or more of \(known)" }
        return "unknown scope \(name.quoted()); choose one or more of \(known)"
    }
}
