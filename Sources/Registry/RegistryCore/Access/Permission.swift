// SPDX-License-Identifier: Apache-2.0

/// What an actor may do with the packages of an owner; each includes the ones before it.
package enum Permission: String, Comparable, CaseIterable, Sendable {
    case none
    case read
    case write

    /// Orders permissions from the least to the most.
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
