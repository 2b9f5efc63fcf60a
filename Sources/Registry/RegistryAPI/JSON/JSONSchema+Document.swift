// SPDX-License-Identifier: Apache-2.0

import RegistryCore

extension JSONSchema {
    /// The schema of a `Visibility`.
    static let visibility = JSONSchema.word(Visibility.allCases.map(\.rawValue))

    /// Returns the schema of one of a few words or an empty text, which means unset in Gitea.
    static func wordOrEmpty(_ words: [String]) -> JSONSchema { .word(words + [""]) }

    /// The schema as JSON Schema 2020-12, with references to `components` for objects.
    package var document: JSONValue {
        switch self {
        case .nothing: ["type": "null"]
        case .flag: ["type": "boolean"]
        case .number: ["type": "integer", "format": "int64"]
        case .text: ["type": "string"]
        case .word(let words): ["type": "string", "enum": .array(words.map { .text($0) })]
        case .name(let pattern): Self.string(pattern.expression, 1, pattern.maximumLength)
        case .shortText(let limit): ["type": "string", "maxLength": .number(Int64(limit))]
        case .hexadecimal(let count): Self.string("^[0-9a-f]*$", count, count)
        case .time: ["type": "string", "format": "date-time"]
        case .optional(.optional(let schema)): JSONSchema.optional(schema).document
        case .optional(let schema): ["anyOf": [schema.document, ["type": "null"]]]
        case .array(let element): ["type": "array", "items": element.document]
        case .map(let value): ["type": "object", "additionalProperties": value.document]
        case .object(let name, _): ["$ref": .text("#/components/schemas/\(name)")]
        }
    }

    /// The objects in the schema, including itself, by their names.
    package var objects: [String: [Property]] {
        switch self {
        case .optional(let inner), .array(let inner), .map(let inner): inner.objects
        case .object(let name, let properties):
            properties.reduce(into: [name: properties]) { found, property in
                found.merge(property.schema.objects) { first, _ in first }
            }
        default: [:]
        }
    }

    /// Returns the entry in `components` for an object with these members.
    package static func component(_ properties: [Property]) -> JSONValue {
        let required = properties.filter(\.isRequired).map { JSONValue.text($0.name) }
        var members: [JSONMember] = [
            JSONMember("type", "object"),
            JSONMember("properties", .object(properties.map { JSONMember($0.name, $0.schema.document) })),
        ]
        if !required.isEmpty { members.append(JSONMember("required", .array(required))) }
        return .object(members)
    }

    private static func string(_ pattern: String, _ least: Int, _ most: Int) -> JSONValue {
        [
            "type": "string", "pattern": .text(pattern), "minLength": .number(Int64(least)),
            "maxLength": .number(Int64(most)),
        ]
    }
}
