// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import NIOCore
import RegistryCore

/// The form of messages on the administrators' socket: JSON, one line each.
enum JSON {
    /// Reads a message.
    static func decode<Value: Decodable>(_ type: Value.Type, from buffer: ByteBuffer) throws -> Value {
        try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
    }

    /// Writes a message with its line's end.
    static func encode(_ value: some Encodable) throws -> ByteBuffer {
        var buffer = ByteBuffer(bytes: try JSONEncoder().encode(value))
        buffer.writeInteger(UInt8(ascii: "\n"))
        return buffer
    }
}

extension AdminRequest {
    /// The name of the header that a request travels in.
    static let headerName = "granary-command"

    /// The header's value: a header can not hold every byte of a command line.
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

    private(set) var rest = ByteBuffer()

    mutating func append(_ piece: ByteBuffer) throws {
        guard rest.readableBytes <= Self.longestLine else {
            throw DataDirectoryError(
                description: "a message on the socket is too long: use the same version of granary"
            )
        }
        rest.discardReadBytes()
        rest.writeImmutableBuffer(piece)
    }

    /// The next whole line without its end.
    mutating func next() -> ByteBuffer? {
        guard let end = rest.readableBytesView.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
        let line = rest.readSlice(length: end - rest.readerIndex)
        rest.moveReaderIndex(forwardBy: 1)
        return line
    }
}
