// SPDX-License-Identifier: Apache-2.0

/// A type with a JSON form and its schema.
package protocol JSONConvertible: Sendable {
    static var schema: JSONSchema { get }
    var json: JSONValue { get }
}

/// A type with the form of a JSON object, whose list of members defines their order, values and schema.
///
/// A record that clients decode has a property for each member, with the member's name in camel case. Any other record holds the values
/// from which its members are read.
package protocol JSONRecord: JSONConvertible {
    /// The name of the type in the API description.
    static var recordName: String { get }
    /// The members in serialization order.
    static var fields: [JSONField<Self>] { get }
}

extension JSONRecord {
    package static var schema: JSONSchema {
        .object(name: recordName, fields.map(\.property))
    }

    package var json: JSONValue {
        .object(Self.fields.compactMap { field in field.value(self).map { JSONMember(field.property.name, $0) } })
    }
}

/// One member of a record.
package struct JSONField<Record>: Sendable {
    let property: JSONSchema.Property
    /// The value of the member, or nil when the member is omitted.
    let value: @Sendable (Record) -> JSONValue?

    /// Creates a member with the value of a property, with an optional schema that is more specific than its type.
    package init<Value: JSONConvertible>(
        _ name: String,
        _ path: any KeyPath<Record, Value> & Sendable,
        as schema: JSONSchema = Value.schema
    ) {
        property = JSONSchema.Property(name, schema)
        value = { $0[keyPath: path].json }
    }

    /// Returns a member that is omitted when the property is nil.
    package static func omittable<Value: JSONConvertible>(
        _ name: String,
        _ path: any KeyPath<Record, Value?> & Sendable,
        as schema: JSONSchema = Value.schema
    ) -> JSONField {
        JSONField(property: JSONSchema.Property(name, schema, isRequired: false)) { $0[keyPath: path]?.json }
    }

    /// Returns a text that is empty when the property is nil, as in Gitea.
    static func textOrEmpty(_ name: String, _ path: any KeyPath<Record, String?> & Sendable) -> JSONField {
        JSONField(property: JSONSchema.Property(name, .text)) { .text($0[keyPath: path] ?? "") }
    }

    /// Returns a member with the same value in every record, for data that the registry does not have.
    package static func constant<Value: JSONConvertible>(_ name: String, _ value: Value) -> JSONField {
        JSONField(property: JSONSchema.Property(name, Value.schema)) { _ in value.json }
    }

    /// Returns a member that is always null, for data that the registry does not have.
    package static func null(_ name: String) -> JSONField {
        JSONField(property: JSONSchema.Property(name, .nothing)) { _ in .null }
    }

    private init(property: JSONSchema.Property, value: @escaping @Sendable (Record) -> JSONValue?) {
        self.property = property
        self.value = value
    }
}

extension Bool: JSONConvertible {
    package static var schema: JSONSchema { .flag }
    package var json: JSONValue { .flag(self) }
}

extension Int64: JSONConvertible {
    package static var schema: JSONSchema { .number }
    package var json: JSONValue { .number(self) }
}

extension String: JSONConvertible {
    package static var schema: JSONSchema { .text }
    package var json: JSONValue { .text(self) }
}

extension Optional: JSONConvertible where Wrapped: JSONConvertible {
    package static var schema: JSONSchema { .optional(Wrapped.schema) }
    package var json: JSONValue { self?.json ?? .null }
}

extension Array: JSONConvertible where Element: JSONConvertible {
    package static var schema: JSONSchema { .array(of: Element.schema) }
    package var json: JSONValue { .array(map(\.json)) }
}
