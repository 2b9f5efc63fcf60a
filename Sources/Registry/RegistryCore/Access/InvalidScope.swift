// SPDX-License-Identifier: Apache-2.0

/// A list of scopes that is empty or names one that does not exist.
package struct InvalidScope: Error, Hashable, CustomStringConvertible {
    /// The unknown name; nil when no scope was given.
    package let name: String?

    /// One sentence that lists the scopes there are.
    package var description: String {
        let categories = Scope.Category.allCases.map(\.rawValue).joined(separator: ", ")
        let known = "all, public-only, and read: or write: followed by one of \(categories)"
        guard let name else { return "no scope was given: choose one or more of \(known)" }
        return "unknown scope \(name.quoted()): choose one or more of \(known)"
    }
}
