// SPDX-License-Identifier: Apache-2.0

import RegistryCore

/// The credentials of a request.
package enum Credentials: Hashable, Sendable {
    case none
    case basic(user: String, password: String)
    case token(String)

    /// Parses the value of an `Authorization` header (RFC 9110 section 11.6.2); nil means that there was none.
    ///
    /// The schemes are `Basic` (RFC 7617, in UTF-8), `Bearer` (RFC 6750) and `token`, in any letter case.
    package static func parse(authorization: String?) throws(RegistryError) -> Credentials {
        guard let authorization else { return .none }
        let words = authorization.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
            .map { Substring($0) }
        guard let scheme = words.first else {
            throw .unauthenticated(
                "the Authorization header is empty: send a scheme and a credential, or omit the header"
            )
        }
        switch scheme.lowercased() {
        case "basic":
            guard words.count == 2, let basic = parseBasic(words[1]) else {
                throw .unauthenticated(
                    "malformed Authorization header: after Basic, send user:password in UTF-8 and Base64"
                )
            }
            return basic
        case "bearer", "token":
            guard words.count == 2 else {
                throw .unauthenticated(
                    "malformed Authorization header: after \(scheme.lowercased()), send one access token"
                )
            }
            return .token(String(words[1]))
        default:
            throw .unauthenticated(
                "unknown Authorization scheme: use Basic, Bearer or token"
            )
        }
    }

    private static func parseBasic(_ text: Substring) -> Credentials? {
        guard
            let bytes = Base64.decoded(text),
            let pair = String(validating: bytes, as: UTF8.self),
            let colon = pair.utf8.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return .basic(user: String(pair[..<colon]), password: String(pair[pair.utf8.index(after: colon)...]))
    }
}
