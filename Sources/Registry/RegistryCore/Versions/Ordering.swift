// SPDX-License-Identifier: Apache-2.0

/// The result of comparing two values, where different values may rank equally.
package enum Ordering: Hashable, Sendable {
    case before
    case same
    case after

    /// Compares two values that have a natural order.
    static func of<Value: Comparable>(_ left: Value, _ right: Value) -> Ordering {
        if left < right { return .before }
        return left == right ? .same : .after
    }

    /// Returns this result, or the next comparison's when the values rank equally.
    func then(_ next: @autoclosure () -> Ordering) -> Ordering {
        self == .same ? next() : self
    }
}
