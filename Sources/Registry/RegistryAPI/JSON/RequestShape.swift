// SPDX-License-Identifier: Apache-2.0

/// A decoder that records the members of a request by decoding it without data.
///
/// The API description therefore always matches the decoding.
struct RequestShape: Decoder {
    private final class Notes {
        var properties: [JSONSchema.Property] = []
    }

    private let notes = Notes()
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    /// Returns the members of a request in decoding order.
    static func members(of type: any Decodable.Type) -> [JSONSchema.Property] {
        let decoder = RequestShape()
        do {
            _ = try type.init(from: decoder)
        } catch {
            preconditionFailure("\(type) is not an object with RequestMember members only: \(error)")
        }
        return decoder.notes.properties
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Members<Key>(notes: notes))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw NoObject() }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw NoObject() }

    private struct NoObject: Error {}

    private struct Members<Key: CodingKey>: KeyedDecodingContainerProtocol {
        let notes: Notes
        let codingPath: [any CodingKey] = []
        let allKeys: [Key] = []

        func contains(_ key: Key) -> Bool { true }
        func decodeNil(forKey key: Key) -> Bool { false }

        func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
            guard let member = type as? any RequestMember.Type, let value = member.placeholder as? Value else {
                throw NoObject()
            }
            notes.properties.append(
                JSONSchema.Property(key.stringValue, member.schema, isRequired: !member.mayBeMissing)
            )
            return value
        }

        // The standard library calls these methods for its own types. Their defaults would decode the value.
        func decodeIfPresent(_ type: String.Type, forKey key: Key) -> String? { note(type, key) }
        func decodeIfPresent(_ type: Bool.Type, forKey key: Key) -> Bool? { note(type, key) }
        func decodeIfPresent(_ type: Int64.Type, forKey key: Key) -> Int64? { note(type, key) }

        func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
            guard let member = type as? any RequestMember.Type else { throw NoObject() }
            _ = note(member, key)
            return nil
        }

        private func note<Value: RequestMember>(_ type: Value.Type, _ key: Key) -> Value? {
            notes.properties.append(
                JSONSchema.Property(key.stringValue, .optional(type.schema), isRequired: false)
            )
            return nil
        }

        func nestedContainer<Nested: CodingKey>(
            keyedBy type: Nested.Type,
            forKey key: Key
        ) throws -> KeyedDecodingContainer<Nested> { throw NoObject() }
        func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer { throw NoObject() }
        func superDecoder() throws -> any Decoder { throw NoObject() }
        func superDecoder(forKey key: Key) throws -> any Decoder { throw NoObject() }
    }
}

/// A type of a request's member.
private protocol RequestMember: Decodable {
    static var schema: JSONSchema { get }
    /// Whether the type itself represents a missing member.
    static var mayBeMissing: Bool { get }
    /// An arbitrary value that stands in for the decoded one.
    static var placeholder: Self { get }
}

extension RequestMember {
    fileprivate static var mayBeMissing: Bool { false }
}

extension String: RequestMember {
    fileprivate static var placeholder: String { "" }
}

extension Bool: RequestMember {
    fileprivate static var placeholder: Bool { false }
}

extension Int64: RequestMember {
    fileprivate static var placeholder: Int64 { 0 }
}

extension Array: RequestMember where Element: RequestMember & JSONConvertible {
    fileprivate static var placeholder: [Element] { [] }
}

extension Dictionary: RequestMember where Key == String, Value: RequestMember {
    fileprivate static var schema: JSONSchema { .map(of: Value.schema) }
    fileprivate static var placeholder: [String: Value] { [:] }
}

extension Nullable: RequestMember where Value: RequestMember {
    fileprivate static var schema: JSONSchema { .optional(Value.schema) }
    fileprivate static var mayBeMissing: Bool { true }
    fileprivate static var placeholder: Nullable { .null }
}

extension EditLimitsRequest: RequestMember {
    fileprivate static var schema: JSONSchema {
        .object(name: String(describing: self), RequestShape.members(of: self))
    }

    fileprivate static var placeholder: EditLimitsRequest {
        EditLimitsRequest(fileSize: nil, totalSize: nil, versionCount: nil)
    }
}
