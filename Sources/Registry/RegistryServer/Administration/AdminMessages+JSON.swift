// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import RegistryCore

/// The encoding of messages on the administrators' socket: one line of JSON each.
enum JSON {
    /// Decodes a message.
    static func decode<Value: Decodable>(_ type: Value.Type, from line: some Collection<UInt8>) throws -> Value {
        try JSONDecoder().decode(type, from: Data(line))
    }

    /// Encodes a message with a trailing line feed.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        Array(try JSONEncoder().encode(value)) + [UInt8(ascii: "\n")]
    }
}

extension AdminRequest {
    /// The name of the header that contains a request.
    static let headerName = "granary-command"

    /// The encoded value of the header, because a header cannot contain every byte of a command line.
    var header: String {
        get throws { Base64.encoded(Array(try JSONEncoder().encode(self))) }
    }

    /// Decodes the value of the header; returns nil if it is missing or from an incompatible version.
    init?(header: String?) {
        guard let bytes = header.flatMap({ Base64.decoded($0) }),
            let request = try? JSONDecoder().decode(AdminRequest.self, from: Data(bytes))
        else { return nil }
        self = request
    }
}

/// Splits received pieces into lines.
struct LineSplitter {
    /// Far longer than any line.
    private static let longestLine = 8 << 20

    /// The received bytes that have not been returned as lines.
    private var rest: ArraySlice<UInt8> = []

    mutating func append(_ piece: [UInt8]) throws {
        guard rest.count <= Self.longestLine else {
            throw DataDirectoryError(
                description: "a message on the socket is too long: use the same version of granary"
            )
        }
        rest = rest.isEmpty ? piece[...] : (rest + piece)[...]
    }

    /// Returns the next complete line without its line feed.
    mutating func next() -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        defer { rest = rest[(end + 1)...] }
        return rest[..<end]
    }
}
