// SPDX-License-Identifier: Apache-2.0

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
