// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import RegistryCore

/// The form of messages on the administrators' socket: JSON, one line each.
enum JSON {
    /// Reads a message.
    static func decode<Value: Decodable>(_ type: Value.Type, from line: some Collection<UInt8>) throws -> Value {
        try JSONDecoder().decode(type, from: Data(line))
    }

    /// Writes a message with its line's end.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        Array(try JSONEncoder().encode(value)) + [UInt8(ascii: "\n")]
    }
}

extension AdminRequest {
    /// The name of the header that a request travels in.
    static let headerName = "granary-command"

    /// The header's value: a header cannot hold every byte of a command line.
    var header: String {
        get throws { Base64.encoded(Array(try JSONEncoder().encode(self))) }
    }

    /// Reads the header's value; nil when there is none or another version's.
    init?(header: String?) {
        guard let bytes = header.flatMap({ Base64.decoded($0) }),
            let request = try? JSONDecoder().decode(AdminRequest.self, from: Data(bytes))
        else { return nil }
        self = request
    }
}

/// Takes lines out of pieces.
struct LineBuffer {
    /// Much more than a line ever has.
    private static let longestLine = 8 << 20

    /// What came and was not taken, without the lines in front of it that were.
    private var rest: ArraySlice<UInt8> = []

    mutating func append(_ piece: [UInt8]) throws {
        guard rest.count <= Self.longestLine else {
            throw DataDirectoryError(
                description: "a message on the socket is too long: use the same version of granary"
            )
        }
        rest = rest.isEmpty ? piece[...] : (rest + piece)[...]
    }

    /// The next whole line without its end.
    mutating func next() -> ArraySlice<UInt8>? {
        guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        defer { rest = rest[(end + 1)...] }
        return rest[..<end]
    }
}
