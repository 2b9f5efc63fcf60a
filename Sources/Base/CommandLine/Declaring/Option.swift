// SPDX-License-Identifier: Apache-2.0

/// An option with a value: `--format json` or `--format=json`.
///
/// The last occurrence takes precedence; an array collects all.
@propertyWrapper
package struct Option<Value: Sendable>: Sendable, ArgumentProperty {
    private let declaration: ValueDeclaration<Value>
    private let name: NameSpecification
    private let help: ArgumentHelp?
    private let completion: CompletionKind

    package var wrappedValue: Value { declaration.value }

    private init(
        _ declaration: ValueDeclaration<Value>,
        _ name: NameSpecification,
        _ help: ArgumentHelp?,
        _ completion: CompletionKind
    ) {
        self.declaration = declaration
        self.name = name
        self.help = help
        self.completion = completion
    }

    func assign(_ values: [any Sendable]) { declaration.assign(values) }

    func definitions(for property: PropertyKey) -> [ArgumentDefinition] {
        [declaration.definition(.option, for: property, name.names(of: property.name), help, completion)]
    }
}

extension Option where Value: ExpressibleByArgument {
    package init(
        wrappedValue: Value,
        name: NameSpecification = .long,
        help: ArgumentHelp? = nil,
        completion: CompletionKind = .automatic
    ) {
        self.init(.one(wrappedValue), name, help, completion)
    }

    package init(
        name: NameSpecification = .long,
        help: ArgumentHelp? = nil,
        completion: CompletionKind = .automatic
    ) {
        self.init(.one(nil), name, help, completion)
    }
}

extension Option {
    package init<Wrapped: ExpressibleByArgument>(
        name: NameSpecification = .long,
        help: ArgumentHelp? = nil,
        completion: CompletionKind = .automatic
    ) where Value == Wrapped? {
        self.init(.optional(), name, help, completion)
    }

    package init<Element: ExpressibleByArgument>(
        name: NameSpecification = .long,
        help: ArgumentHelp? = nil,
        completion: CompletionKind = .automatic
    ) where Value == [Element] {
        self.init(.all(nil), name, help, completion)
    }

    package init<Element: ExpressibleByArgument>(
        wrappedValue: [Element],
        name: NameSpecification = .long,
        help: ArgumentHelp? = nil,
        completion: CompletionKind = .automatic
    ) where Value == [Element] {
        self.init(.all(wrappedValue), name, help, completion)
    }

    package init(
        wrappedValue: Value,
        name: NameSpecification = .long,
        help: ArgumentHelp? = nil,
        completion: CompletionKind = .automatic,
        transform: @escaping @Sendable (String) throws -> Value
    ) {
        self.init(.one(wrappedValue, transform), name, help, completion)
    }

    @_disfavoredOverload
    package init(
        name: NameSpecification = .long,
        help: ArgumentHelp? = nil,
        completion: CompletionKind = .automatic,
        transform: @escaping @Sendable (String) throws -> Value
    ) {
        self.init(.one(nil, transform), name, help, completion)
    }

    package init<Wrapped: Sendable>(
        name: NameSpecification = .long,
        help: ArgumentHelp? = nil,
        completion: CompletionKind = .automatic,
        transform: @escaping @Sendable (String) throws -> Wrapped
    ) where Value == Wrapped? {
        self.init(.optional(transform), name, help, completion)
    }
}
