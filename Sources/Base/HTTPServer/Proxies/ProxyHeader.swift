// SPDX-License-Identifier: Apache-2.0

/// A PROXY protocol header (versions 1 and 2), in which a proxy identifies its client before the first byte.
enum ProxyHeader: Hashable {
    /// More bytes are needed to decide.
    case incomplete
    /// The connection begins without a header.
    case absent
    /// A header of `length` bytes; the client is nil when the proxy itself is the client.
    case header(length: Int, client: NetworkAddress?)
    /// The bytes begin like a header but are invalid.
    case invalid

    /// The maximum length of a header; a longer one is invalid.
    static let longest = 536

    private static let signature: [UInt8] = [13, 10, 13, 10, 0, 13, 10, 0x51, 0x55, 0x49, 0x54, 10]
    private static let word = Array("PROXY ".utf8)

    /// Parses the first bytes of a connection.
    static func read(_ bytes: [UInt8]) -> ProxyHeader {
        if bytes.starts(with: signature) { return binary(bytes) }
        if bytes.starts(with: word) { return text(bytes) }
        let couldBegin = signature.starts(with: bytes) || word.starts(with: bytes)
        return couldBegin ? .incomplete : .absent
    }

    /// Parses version 1: a line of at most 107 bytes.
    private static func text(_ bytes: [UInt8]) -> ProxyHeader {
        guard let lineFeed = bytes.prefix(107).firstIndex(of: UInt8(ascii: "\n")) else {
            return bytes.count < 107 ? .incomplete : .invalid
        }
        guard bytes[lineFeed - 1] == UInt8(ascii: "\r") else { return .invalid }
        let words = String(decoding: bytes[..<(lineFeed - 1)], as: UTF8.self).split(
            separator: " ",
            omittingEmptySubsequences: false
        )
        guard words.count >= 2 else { return .invalid }
        if words[1] == "UNKNOWN" { return .header(length: lineFeed + 1, client: nil) }
        guard words.count == 6, let count = ["TCP4": 4, "TCP6": 16][words[1]],
            let client = address(words[2], count), address(words[3], count) != nil,
            UInt16(words[4]) != nil, UInt16(words[5]) != nil
        else { return .invalid }
        return .header(length: lineFeed + 1, client: client)
    }

    /// Parses an address of a family; an IPv4 address may be written as IPv6.
    private static func address(_ text: Substring, _ count: Int) -> NetworkAddress? {
        guard let address = NetworkAddress(text), count == 16 || address.bytes.count == 4 else { return nil }
        return count == 16 && !text.contains(":") ? nil : address
    }

    /// Parses version 2: a 16-byte header, the addresses, and further values, which are skipped.
    private static func binary(_ bytes: [UInt8]) -> ProxyHeader {
        guard bytes.count >= 16 else { return .incomplete }
        let length = 16 + (Int(bytes[14]) << 8 | Int(bytes[15]))
        guard bytes[12] >> 4 == 2, bytes[12] & 15 <= 1, length <= longest else { return .invalid }
        guard bytes.count >= length else { return .incomplete }
        // Command 0 marks the proxy's own connection, such as a health check.
        guard bytes[12] & 15 == 1 else { return .header(length: length, client: nil) }
        switch bytes[13] >> 4 {
        case 1:
            guard length >= 16 + 12 else { return .invalid }
            return .header(length: length, client: NetworkAddress(ipv4: Array(bytes[16..<20])))
        case 2:
            guard length >= 16 + 36 else { return .invalid }
            return .header(length: length, client: NetworkAddress(ipv6: Array(bytes[16..<32])))
        default: return .header(length: length, client: nil)
        }
    }
}
