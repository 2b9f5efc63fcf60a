// SPDX-License-Identifier: Apache-2.0

/// The query of a request target: `name=value` pairs joined by `&`.
///
/// Values are percent-decoded, names are not. `+` and invalid escapes stay unchanged. The first of several pairs with the same name takes
/// precedence.
package struct HTTPQuery: Sendable {
    private let pairs: [(name: Substring, value: Substring)]

    /// Parses the part of a target after the `?`; nil means no pairs.
    package init(_ text: Substring?) {
        pairs = (text ?? "").split(separator: "&").map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (parts[0], parts.count > 1 ? parts[1] : "")
        }
    }

    /// The value for a name; nil when the query does not contain it.
    package subscript(name: String) -> String? {
        pairs.first { $0.name == name }.map { Self.decoded($0.value) }
    }

    /// All pairs in order, including those with the same name.
    package var members: [(name: String, value: String)] {
        pairs.map { (String($0.name), Self.decoded($0.value)) }
    }

    /// The names, in order.
    package var names: [String] { pairs.map { String($0.name) } }

    private static func decoded(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count, let high = hexDigit(bytes[index + 1]),
                let low = hexDigit(bytes[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        // A value that is not valid UTF-8 stays undecoded.
        return String(validating: result, as: UTF8.self) ?? String(text)
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
