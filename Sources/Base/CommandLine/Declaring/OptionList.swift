// SPDX-License-Identifier: Apache-2.0

/// Options from a list instead of properties; each is optional, and its value is a text.
@propertyWrapper
package struct OptionList: Sendable {
    let options: [ListedOption]

    /// The values of the specified options, by the option's name.
    ///
    /// A repeatable option has all its values, another one the last.
    package var wrappedValue: [String: [String]] {
        options.reduce(into: [:]) { values, option in
            if !option.values.isEmpty { values[option.declaration.name] = option.values }
        }
    }

    /// Creates a list of options, which the help shows in the same order.
    package init(_ declarations: [OptionDeclaration]) {
        options = declarations.map { ListedOption($0) }
    }
}

/// An option of an `OptionList`.
package struct OptionDeclaration: Sendable {
    /// The name without dashes in front.
    let name: String
    let help: ArgumentHelp
    let completion: CompletionKind
    let isRepeatable: Bool

    package init(
        _ name: String,
        help: ArgumentHelp,
        completion: CompletionKind = .automatic,
        isRepeatable: Bool = false
    ) {
        self.name = name
        self.help = help
        self.completion = completion
        self.isRepeatable = isRepeatable
    }
}

/// An option of an `OptionList`, with the storage of its values.
struct ListedOption: Sendable, ArgumentProperty {
    let declaration: OptionDeclaration
    private let box = ArgumentBox<[String]>([])

    init(_ declaration: OptionDeclaration) {
        self.declaration = declaration
    }

    var values: [String] { box.get() }

    func assign(_ values: [any Sendable]) {
        let texts = values.compactMap { $0 as? String }
        box.set(declaration.isRepeatable ? texts : Array(texts.suffix(1)))
    }

    func definitions(for property: PropertyKey) -> [ArgumentDefinition] {
        [
            ArgumentDefinition(
                kind: .option,
                property: property,
                names: [.long(declaration.name)],
                help: declaration.help,
                isOptional: true,
                isRepeating: declaration.isRepeatable,
                completion: declaration.completion
            ) { $0 }
        ]
    }
}
