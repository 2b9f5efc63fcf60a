// SPDX-License-Identifier: Apache-2.0

/// Changes how an owner publishes; members that are missing stay as they are.
package struct EditOwnerRequest: GiteaRequest {
    package static let labels = ["contract": "contract", "limits": "limits"]

    /// The contract of its own, or null for the server's default.
    package let contract: Nullable<String>?
    package let limits: EditLimitsRequest?
}

/// Limits of an owner's own: each a number, -1 for none, or null for the server's default.
package struct EditLimitsRequest: Decodable, Sendable {
    package let fileSize: Nullable<Int64>?
    package let totalSize: Nullable<Int64>?
    package let versionCount: Nullable<Int64>?

    private enum CodingKeys: String, CodingKey {
        case fileSize = "file_size"
        case totalSize = "total_size"
        case versionCount = "version_count"
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        fileSize = try members.nullable(Int64.self, .fileSize)
        totalSize = try members.nullable(Int64.self, .totalSize)
        versionCount = try members.nullable(Int64.self, .versionCount)
    }
}

/// A member that is there, be it null.
package enum Nullable<Value: Decodable & Sendable>: Sendable {
    case null
    case value(Value)
    /// Of another type.
    case other

    package var value: Value? {
        if case .value(let value) = self { value } else { nil }
    }
}

extension EditOwnerRequest {
    private enum CodingKeys: String, CodingKey {
        case contract, limits
    }

    package init(from decoder: any Decoder) throws {
        let members = try decoder.container(keyedBy: CodingKeys.self)
        contract = try members.nullable(String.self, .contract)
        limits = try members.decodeIfPresent(EditLimitsRequest.self, forKey: .limits)
    }
}

extension KeyedDecodingContainer {
    /// A member that may be missing, null, or of a type; what else it is is for the reader to refuse by its name.
    fileprivate func nullable<Value: Decodable & Sendable>(_ type: Value.Type, _ key: Key) throws -> Nullable<Value>? {
        guard contains(key) else { return nil }
        if try decodeNil(forKey: key) { return .null }
        return (try? decode(type, forKey: key)).map { .value($0) } ?? .other
    }
}
