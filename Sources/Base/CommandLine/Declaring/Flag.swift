// SPDX-License-Identifier: Apache-2.0

/// A value that is chosen by a name alone: `--force`.
@propertyWrapper
package struct Flag<Value: Sendable>: Sendable, ArgumentProperty {
    private let box: ArgumentBox<Value>
    private let help: ArgumentHelp?
    /// For a property, what can be chosen: names, and the value they stand for.
    private let choices: @Sendable (String) -> [([ArgumentName], Value)]

    package var wrappedValue: Value { box.get() }

    private init(
        _ initial: Value,
        _ help: ArgumentHelp?,
        choices: @escaping @Sendable (String) -> [([ArgumentName], Value)]
    ) {
        box = ArgumentBox(initial)
        self.help = help
        self.choices = choices
    }

    func assign(_ values: [any Sendable]) {
        if let value = values.last as? Value { box.set(value) }
    }

    func definitions(for property: PropertyKey) -> [ArgumentDefinition] {
        choices(property.name).map { names, value in
            ArgumentDefinition(kind: .flag, property: property, names: names, help: help, isOptional: true) { _ in
                value
            }
        }
    }
}

/// What flags that take something back are called.
package enum FlagInversion: Sendable {
    /// `--no-admin` takes back `--admin`.
    case prefixedNo
}

extension Flag {
    /// A flag that is off unless it is given.
    package init(wrappedValue: Bool, name: NameSpecification = .long, help: ArgumentHelp? = nil) where Value == Bool {
        self.init(wrappedValue, help) { property in [(name.names(of: property), true)] }
    }

    /// Two flags of which one at most is given.
    package init(inversion: FlagInversion, help: ArgumentHelp? = nil) where Value == Bool? {
        self.init(nil, help) { property in
            [([.long(property.dashed)], true), ([.long("no-" + property.dashed)], false)]
        }
    }

    /// Flags of which one at most is given.
    package init<Choice: EnumerableFlag>(help: ArgumentHelp? = nil) where Value == Choice? {
        self.init(nil, help) { _ in Choice.allCases.map { ([.long($0.rawValue.dashed)], $0) } }
    }
}
