// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A property of `ParsableArguments` whose value comes from the command line.
protocol ArgumentProperty {
    /// What can be written on the command line for it.
    func definitions(for property: PropertyKey) -> [ArgumentDefinition]

    /// Takes what was written, in its order; nothing leaves the default.
    func assign(_ values: [any Sendable])
}

/// Which property an argument belongs to.
struct PropertyKey {
    let name: String
    /// Its place among all properties of the command.
    let slot: Int
    /// The title of the group of options it stands in.
    let section: String
}

/// The place of a property's value, which all copies of the property share.
///
/// Parsing makes a command of its own, fills it once, and only then gives it away.
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
            preconditionFailure("an argument without a default was read before the command line was")
        }
        return value
    }
}

extension ParsableArguments {
    /// Calls the body for each property that comes from the command line, in the order of their declaration.
    func forEachProperty(_ body: (any ArgumentProperty, PropertyKey) -> Void) {
        var slot = 0
        visit(section: "", &slot, body)
    }

    fileprivate func visit(section: String, _ slot: inout Int, _ body: (any ArgumentProperty, PropertyKey) -> Void) {
        for child in Mirror(reflecting: self).children {
            if let group = child.value as? any ArgumentGroup {
                group.arguments.visit(section: group.title.isEmpty ? section : group.title, &slot, body)
            } else if let property = child.value as? any ArgumentProperty {
                // A property `name` with a wrapper is stored as `_name`.
                let name = child.label.map { String($0.drop { $0 == "_" }) } ?? ""
                body(property, PropertyKey(name: name, slot: slot, section: section))
                slot += 1
            }
        }
    }
}

/// A property that holds further properties.
protocol ArgumentGroup {
    var title: String { get }
    var arguments: any ParsableArguments { get }
}

/// Arguments that several commands share.
@propertyWrapper
package struct OptionGroup<Value: ParsableArguments>: Sendable, ArgumentGroup {
    package let wrappedValue: Value
    let title: String

    package init() {
        self.init(title: "")
    }

    /// The help lists them under a title.
    package init(title: String) {
        self.title = title
        wrappedValue = Value()
    }

    var arguments: any ParsableArguments { wrappedValue }
}
