// SPDX-License-Identifier: Apache-2.0

extension ArgumentDefinition {
    /// How it is written, under one of its names.
    func synopsis(named name: ArgumentName?) -> String {
        switch (kind, name) {
        case (.flag, let name?): "\(name)"
        case (_, let name?): "\(name) <\(valueName)>"
        case (_, nil): "<\(valueName)>"
        }
    }

    /// How it is written when it is needed.
    var requiredSynopsis: String {
        synopsis(named: preferredName) + (isRepeating ? " ..." : "")
    }

    /// How it is written, in the line of all arguments.
    var synopsis: String {
        isOptional ? "[\(requiredSynopsis)]" : requiredSynopsis
    }

    /// How it is written, with all its names.
    var label: String {
        let all = names.map(\.description).joined(separator: ", ")
        return switch kind {
        case .flag: all
        case .option: "\(all) <\(valueName)>"
        case .positional: "<\(valueName)>"
        }
    }

    /// What it means, which values there are, and which it has when none is given.
    var description: String {
        let details = [
            allValues.isEmpty ? "" : "values: \(allValues.joined(separator: ", "))",
            defaultDescription.isEmpty ? "" : "default: \(defaultDescription)",
        ].filter { !$0.isEmpty }
        return [abstract, details.isEmpty ? "" : "(\(details.joined(separator: "; ")))"].filter { !$0.isEmpty }
            .joined(separator: " ")
    }
}
