// SPDX-License-Identifier: Apache-2.0

/// A member of a request that is there, be it null: what is missing and what is null are told apart.
package enum Nullable<Value: Decodable & Sendable>: Decodable, Sendable {
    case null
    case value(Value)
    /// Of another type, for the reader to refuse by its name.
    case other

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = container.decodeNil() ? .null : (try? container.decode(Value.self)).map { .value($0) } ?? .other
    }

    package var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }
}

extension KeyedDecodingContainer {
    /// A member that may be missing, null, or of a type.
    func nullable<Value: Decodable & Sendable>(_ type: Value.Type, _ key: Key) throws -> Nullable<Value>? {
        contains(key) ? try decode(Nullable<Value>.self, forKey: key) : nil
    }
}
