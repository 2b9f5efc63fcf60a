// SPDX-License-Identifier: Apache-2.0

/// The shared part of options and positional arguments: the conversion from words to a property's value.
struct ValueDeclaration<Value: Sendable>: Sendable {
    private let box: ArgumentBox<Value>
    private let isOptional: Bool
    private let isRepeating: Bool
    private let defaultDescription: String?
    private let allValues: [String]
    private let convert: @Sendable (String) throws -> any Sendable
    private let combine: @Sendable ([any Sendable]) -> Value?

    var value: Value { box.get() }

    func assign(_ values: [any Sendable]) {
        if let value = combine(values) { box.set(value) }
    }

    func definition(
        _ kind: ArgumentDefinition.Kind,
        for property: PropertyKey,
        _ names: [ArgumentName],
        _ help: ArgumentHelp?,
        _ completion: CompletionKind
    ) -> ArgumentDefinition {
        ArgumentDefinition(
            kind: kind,
            property: property,
            names: names,
            help: help,
            isOptional: isOptional,
            isRepeating: isRepeating,
            defaultDescription: defaultDescription,
            allValues: allValues,
            completion: completion,
            convert: convert
        )
    }
}

extension ValueDeclaration {
    /// Returns a declaration for a single value; the last word takes precedence.
    static func one(_ initial: Value?) -> Self where Value: ExpressibleByArgument {
        Self(
            box: ArgumentBox(initial),
            isOptional: initial != nil,
            isRepeating: false,
            defaultDescription: initial?.defaultValueDescription,
            allValues: Value.allValueStrings,
            convert: convert(Value.self),
            combine: { $0.last as? Value }
        )
    }

    static func one(_ initial: Value?, _ transform: @escaping @Sendable (String) throws -> Value) -> Self {
        Self(
            box: ArgumentBox(initial),
            isOptional: initial != nil,
            isRepeating: false,
            defaultDescription: initial.map { "\($0)" },
            allValues: [],
            convert: { try transform($0) },
            combine: { $0.last as? Value }
        )
    }

    /// Returns a declaration for an optional value.
    static func optional<Wrapped: ExpressibleByArgument>() -> Self where Value == Wrapped? {
        Self(
            box: ArgumentBox(.some(nil)),
            isOptional: true,
            isRepeating: false,
            defaultDescription: nil,
            allValues: Wrapped.allValueStrings,
            convert: convert(Wrapped.self),
            combine: { values in (values.last as? Wrapped).map { .some($0) } }
        )
    }

    static func optional<Wrapped: Sendable>(_ transform: @escaping @Sendable (String) throws -> Wrapped) -> Self
    where Value == Wrapped? {
        Self(
            box: ArgumentBox(.some(nil)),
            isOptional: true,
            isRepeating: false,
            defaultDescription: nil,
            allValues: [],
            convert: { try transform($0) },
            combine: { values in (values.last as? Wrapped).map { .some($0) } }
        )
    }

    /// Returns a declaration for an array, which needs at least one word unless it has a default.
    static func all<Element: ExpressibleByArgument>(_ initial: Value?) -> Self where Value == [Element] {
        Self(
            box: ArgumentBox(initial),
            isOptional: initial != nil,
            isRepeating: true,
            defaultDescription: initial.flatMap { values in
                values.isEmpty ? nil : values.map(\.defaultValueDescription).joined(separator: ", ")
            },
            allValues: Element.allValueStrings,
            convert: convert(Element.self),
            combine: { values in values.isEmpty ? nil : values.compactMap { $0 as? Element } }
        )
    }

    private static func convert<Word: ExpressibleByArgument>(
        _ type: Word.Type
    ) -> @Sendable (String) throws -> any Sendable {
        { text in
            guard let value = Word(argument: text) else { throw NoSuchValue() }
            return value
        }
    }
}

/// The error for a word that is not a value of its type; the message lists the valid words.
struct NoSuchValue: Error {}
