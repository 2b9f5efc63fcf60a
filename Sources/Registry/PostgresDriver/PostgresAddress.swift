// SPDX-License-Identifier: Apache-2.0

/// The address of a PostgreSQL database: a URL `postgres://…` or a connection string `host=… user=…`.
///
/// It may contain every libpq parameter, for example `sslmode` and `sslrootcert` for TLS. Missing parameters come from libpq's environment
/// variables and password file.
package struct PostgresAddress: Hashable, Sendable, CustomStringConvertible {
    private let text: String

    /// Parses an address, and returns nil when the text is not one.
    package init?(_ text: String) {
        guard Self.isURL(text) || text.contains("="), !text.utf8.contains(0) else { return nil }
        self.text = text
    }

    /// The address without its password.
    package var description: String { masked }

    /// Whether the address contains a password.
    package var hasPassword: Bool { masked != text }

    private static func isURL(_ text: String) -> Bool {
        text.hasPrefix("postgres://") || text.hasPrefix("postgresql://")
    }

    /// The parameters for libpq: defaults that the address may override, then the address, then fixed values.
    var entries: [(keyword: String, value: String)] {
        [
            ("fallback_application_name", "granary"),
            ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "\(PostgresTimeouts.statement.milliseconds)"),
            ("dbname", text),
            ("client_encoding", "UTF8"),
        ]
    }
}

extension PostgresAddress {
    private static let mask = "********"
    private static let secrets = ["password", "sslpassword"]

    private var masked: String { Self.isURL(text) ? maskedURL : maskedPairs }

    /// The masked form of `scheme://user:password@host/database?password=…`, which errs on the safe side for an invalid URL.
    private var maskedURL: String {
        let parts = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let start = text.firstRange(of: "://")?.upperBound ?? text.startIndex
        let authority = text[start...].prefix { $0 != "/" }
        if let at = authority.lastIndex(of: "@") ?? parts[0].lastIndex(of: "@") {
            guard let colon = text[start..<at].firstIndex(of: ":") else { return Self.maskedOptions(text) }
            return Self.maskedOptions(text[...colon] + Self.mask + text[at...])
        }
        return Self.maskedOptions(text)
    }

    private static func maskedOptions(_ url: String) -> String {
        let parts = url.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return url }
        let options = parts[1].split(separator: "&", omittingEmptySubsequences: false).map { option in
            let pair = option.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, secrets.contains(String(pair[0])) else { return String(option) }
            return "\(pair[0])=\(mask)"
        }
        return parts[0] + "?" + options.joined(separator: "&")
    }

    /// The masked form of `key=value key='a value'`, with any white space around the equals sign.
    private var maskedPairs: String {
        var masked = ""
        var rest = text[...]
        while let equals = rest.firstIndex(of: "=") {
            let key = rest[..<equals].split(whereSeparator: \.isWhitespace).last.map(String.init) ?? ""
            let value = rest[rest.index(after: equals)...]
            let end = Self.endOfValue(value)
            masked += rest[...equals] + (Self.secrets.contains(key) ? Self.mask[...] : value[..<end])
            rest = value[end...]
        }
        return masked + rest
    }

    /// Returns the end of a value: white space or the closing quote; a backslash escapes the next character.
    private static func endOfValue(_ text: Substring) -> Substring.Index {
        var index = text.firstIndex { !$0.isWhitespace } ?? text.endIndex
        let isQuoted = index < text.endIndex && text[index] == "'"
        if isQuoted { index = text.index(after: index) }
        while index < text.endIndex {
            if text[index] == "\\" {
                index = text.index(after: index)
                if index == text.endIndex { return index }
            } else if isQuoted, text[index] == "'" {
                return text.index(after: index)
            } else if !isQuoted, text[index].isWhitespace {
                return index
            }
            index = text.index(after: index)
        }
        return index
    }
}
