// SPDX-License-Identifier: Apache-2.0

extension ArgumentDefinition {
    /// Returns the syntax of the argument under one of its names.
    func synopsis(named name: ArgumentName?) -> String {
        switch (kind, name) {
        case (.flag, let name?): "\(name)"
        case (_, let name?): "\(name) <\(valueName)>"
        case (_, nil): "<\(valueName)>"
        }
    }

    /// The syntax of the argument without the brackets that mark it optional.
    var requiredSynopsis: String {
        synopsis(named: preferredName) + (isRepeating ? " ..." : "")
    }

    /// The syntax of the argument in the usage line.
    var synopsis: String {
        isOptional ? "[\(requiredSynopsis)]" : requiredSynopsis
    }

    /// The syntax of the argument with all its names.
    var label: String {
        let all = names.map(\.description).joined(separator: ", ")
        return switch kind {
        case .flag: all
        case .option: "\(all) <\(valueName)>"
        case .positional: "<\(valueName)>"
        }
    }

    /// The description with the valid values and the default.
    var description: String {
        let details = [
            allValues.isEmpty ? "" : "values: \(allValues.joined(separator: ", "))",
            defaultDescription.isEmpty ? "" : "default: \(defaultDescription)",
        ].filter { !$0.isEmpty }
        return [abstract, details.isEmpty ? "" : "(\(details.joined(separator: "; ")))"].filter { !$0.isEmpty }
            .joined(separator: " ")
    }
}
