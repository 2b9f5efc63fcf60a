// SPDX-License-Identifier: Apache-2.0

/// A positional argument.
///
/// An array takes all remaining values.
@propertyWrapper
package struct Argument<Value: Sendable>: Sendable, ArgumentProperty {
    private let declaration: ValueDeclaration<Value>
    private let help: ArgumentHelp?
    private let completion: CompletionKind

    package var wrappedValue: Value { declaration.value }

    private init(_ declaration: ValueDeclaration<Value>, _ help: ArgumentHelp?, _ completion: CompletionKind) {
        self.declaration = declaration
        self.help = help
        self.completion = completion
    }

    func assign(_ values: [any Sendable]) { declaration.assign(values) }

    func definitions(for property: PropertyKey) -> [ArgumentDefinition] {
        [declaration.definition(.positional, for: property, [], help, completion)]
    }
}

extension Argument where Value: ExpressibleByArgument {
    package init(wrappedValue: Value, help: ArgumentHelp? = nil, completion: CompletionKind = .automatic) {
        self.init(.one(wrappedValue), help, completion)
    }

    package init(help: ArgumentHelp? = nil, completion: CompletionKind = .automatic) {
        self.init(.one(nil), help, completion)
    }
}

extension Argument {
    package init<Element: ExpressibleByArgument>(
        wrappedValue: Value,
        help: ArgumentHelp? = nil,
        completion: CompletionKind = .automatic
    ) where Value == [Element] {
        self.init(.all(wrappedValue), help, completion)
    }

    package init<Element: ExpressibleByArgument>(
        help: ArgumentHelp? = nil,
        completion: CompletionKind = .automatic
    ) where Value == [Element] {
        self.init(.all(nil), help, completion)
    }

    @_disfavoredOverload
    package init(
        help: ArgumentHelp? = nil,
        completion: CompletionKind = .automatic,
        transform: @escaping @Sendable (String) throws -> Value
    ) {
        self.init(.one(nil, transform), help, completion)
    }

    package init<Wrapped: Sendable>(
        help: ArgumentHelp? = nil,
        completion: CompletionKind = .automatic,
        transform: @escaping @Sendable (String) throws -> Wrapped
    ) where Value == Wrapped? {
        self.init(.optional(transform), help, completion)
    }
}
