// SPDX-License-Identifier: Apache-2.0

/// A type that has one form as JSON, and a schema of that form.
package protocol JSONConvertible: Sendable {
    static var schema: JSONSchema { get }
    var json: JSONValue { get }
}

/// A type that is a JSON object: one list of its members gives their order, their values and the schema.
package protocol JSONRecord: JSONConvertible {
    /// What the description of the interface calls it.
    static var recordName: String { get }
    /// The members in their order on the wire.
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
    /// The member's value; nil where it is left out.
    let value: @Sendable (Record) -> JSONValue?

    /// A member that has the value of a property, whose shape can be told more closely than its type does.
    package init<Value: JSONConvertible>(
        _ name: String,
        _ path: any KeyPath<Record, Value> & Sendable,
        as schema: JSONSchema = Value.schema
    ) {
        property = JSONSchema.Property(name, schema)
        value = { $0[keyPath: path].json }
    }

    /// A member that is left out when the property is nil.
    package static func omittable<Value: JSONConvertible>(
        _ name: String,
        _ path: any KeyPath<Record, Value?> & Sendable,
        as schema: JSONSchema = Value.schema
    ) -> JSONField {
        JSONField(property: JSONSchema.Property(name, schema, isRequired: false)) { $0[keyPath: path]?.json }
    }

    /// A member that is the same in every record, because the registry does not have what it tells.
    package static func constant<Value: JSONConvertible>(_ name: String, _ value: Value) -> JSONField {
        JSONField(property: JSONSchema.Property(name, Value.schema)) { _ in value.json }
    }

    /// A member that always is null, because the registry does not have what it tells.
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
