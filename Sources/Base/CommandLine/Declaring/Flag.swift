// SPDX-License-Identifier: Apache-2.0

/// An option without a value: `--force`.
@propertyWrapper
package struct Flag<Value: Sendable>: Sendable, ArgumentProperty {
    private let box: ArgumentBox<Value>
    private let help: ArgumentHelp?
    /// Returns the choices for a property: their names, and the values they select.
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

/// The naming scheme for inverse flags.
package enum FlagInversion: Sendable {
    /// `--no-admin` is the inverse of `--admin`.
    case prefixedNo
}

extension Flag {
    /// Creates a flag that is off by default.
    package init(wrappedValue: Bool, name: NameSpecification = .long, help: ArgumentHelp? = nil) where Value == Bool {
        self.init(wrappedValue, help) { property in [(name.names(of: property), true)] }
    }

    /// Creates a pair of mutually exclusive flags.
    package init(inversion: FlagInversion, help: ArgumentHelp? = nil) where Value == Bool? {
        self.init(nil, help) { property in
            [([.long(property.dashed)], true), ([.long("no-" + property.dashed)], false)]
        }
    }

    /// Creates a set of mutually exclusive flags.
    package init<Choice: EnumerableFlag>(help: ArgumentHelp? = nil) where Value == Choice? {
        self.init(nil, help) { _ in Choice.allCases.map { ([.long($0.rawValue.dashed)], $0) } }
    }
}
