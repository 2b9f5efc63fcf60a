// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A property of `ParsableArguments` that receives its value from the command line.
protocol ArgumentProperty {
    /// Returns the property's definitions for the parser.
    func definitions(for property: PropertyKey) -> [ArgumentDefinition]

    /// Assigns the parsed values in order; an empty list keeps the default.
    func assign(_ values: [any Sendable])
}

/// The identity of a property.
struct PropertyKey {
    let name: String
    /// The position of the property among all properties of the command.
    let slot: Int
    /// The title of the option group that contains the property.
    let section: String
}

/// The storage of a property's value, shared by all copies of the property.
///
/// The parser creates a command, sets each value once, and only then returns the command.
final class ArgumentBox<Value: Sendable>: Sendable {
    private let value: Mutex<Value?>

    init(_ value: Value?) {
        self.value = Mutex(value)
    }

    func set(_ value: Value) {
        self.value.withLock { $0 = value }
    }

    func get() -> Value {
        guard let value = value.withLock({ $0 }) else {
            preconditionFailure("a required argument was read before the command line was parsed")
        }
        return value
    }
}

extension ParsableArguments {
    /// Calls `body` for each argument property, in declaration order.
    func forEachProperty(_ body: (any ArgumentProperty, PropertyKey) -> Void) {
        var slot = 0
        visit(section: "", &slot, body)
    }

    fileprivate func visit(section: String, _ slot: inout Int, _ body: (any ArgumentProperty, PropertyKey) -> Void) {
        for child in Mirror(reflecting: self).children {
            if let group = child.value as? any ArgumentGroup {
                group.arguments.visit(section: group.title.isEmpty ? section : group.title, &slot, body)
            } else if let list = child.value as? OptionList {
                for option in list.options {
                    body(option, PropertyKey(name: option.declaration.name, slot: slot, section: section))
                    slot += 1
                }
            } else if let property = child.value as? any ArgumentProperty {
                // A wrapped property `name` is stored as `_name`.
                let name = child.label.map { String($0.drop { $0 == "_" }) } ?? ""
                body(property, PropertyKey(name: name, slot: slot, section: section))
                slot += 1
            }
        }
    }
}

/// A property that contains further properties.
protocol ArgumentGroup {
    var title: String { get }
    var arguments: any ParsableArguments { get }
}

/// A set of arguments that several commands share.
@propertyWrapper
package struct OptionGroup<Value: ParsableArguments>: Sendable, ArgumentGroup {
    package let wrappedValue: Value
    let title: String

    package init() {
        self.init(title: "")
    }

    /// Creates a group that the help lists under a title.
    package init(title: String) {
        self.title = title
        wrappedValue = Value()
    }

    var arguments: any ParsableArguments { wrappedValue }
}
