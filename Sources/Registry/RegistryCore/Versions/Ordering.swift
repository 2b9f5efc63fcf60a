// SPDX-License-Identifier: Apache-2.0

/// How one value stands to another in an order in which different values may have the same place.
package enum Ordering: Hashable, Sendable {
    case before
    case same
    case after

    /// Compares two values that have a natural order.
    static func of<Value: Comparable>(_ left: Value, _ right: Value) -> Ordering {
        if left < right { return .before }
        return left == right ? .same : .after
    }

    /// This order, or the next one when this one does not decide.
    func then(_ next: @autoclosure () -> Ordering) -> Ordering {
        self == .same ? next() : self
    }
}
