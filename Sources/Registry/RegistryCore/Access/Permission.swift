// SPDX-License-Identifier: Apache-2.0

/// A permission for the packages of an owner; each one includes the previous ones.
package enum Permission: String, Comparable, CaseIterable, Sendable {
    case none
    case read
    case write

    /// Orders permissions from the lowest to the highest.
    package static func < (left: Permission, right: Permission) -> Bool {
        left.rank < right.rank
    }

    private var rank: Int {
        switch self {
        case .none: 0
        case .read: 1
        case .write: 2
        }
    }
}
