// SPDX-License-Identifier: Apache-2.0

extension String {
    /// Returns the text in double quotes, safe to print in a message, a log line or a terminal.
    ///
    /// Characters other than printable ASCII become `\u{..}`, and the result is truncated to about `limit` characters.
    package func quoted(limit: Int = 100) -> String {
        var result = "\""
        var count = 0
        for scalar in unicodeScalars {
            let piece = Self.printable(scalar)
            count += piece.count
            guard count <= limit else { return result + "...\"" }
            result += piece
        }
        return result + "\""
    }

    private static func printable(_ scalar: Unicode.Scalar) -> String {
        switch scalar {
        case "\"", "\\":
            "\\\(scalar)"
        case " "..."~":
            String(scalar)
        default:
            "\\u{\(String(scalar.value, radix: 16))}"
        }
    }
}
