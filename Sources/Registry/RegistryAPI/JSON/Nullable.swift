// SPDX-License-Identifier: Apache-2.0

/// A member that is present in a request, possibly as null, which distinguishes null from a missing member.
package enum Nullable<Value: Decodable & Sendable>: Decodable, Sendable {
    case null
    case value(Value)
    /// A value of another type, which the reader rejects with the member's name.
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
    /// Decodes a member that may be missing, null, or a value; the decoding that the compiler synthesizes prefers this overload.
    func decodeIfPresent<Value>(_ type: Nullable<Value>.Type, forKey key: Key) throws -> Nullable<Value>? {
        contains(key) ? try decode(type, forKey: key) : nil
    }
}
