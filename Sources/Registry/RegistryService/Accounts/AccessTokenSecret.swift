// SPDX-License-Identifier: Apache-2.0

import Digests
import RegistryCore

/// The secret of an access token: `grn_` and 64 lower-case hexadecimal digits of 256 random bits.
///
/// It is shown to its holder once; the registry keeps its SHA-256 only, which is enough for a secret that cannot be
/// guessed.
package struct AccessTokenSecret: Hashable, Sendable {
    private static let prefix = "grn_"
    private static let byteCount = 32

    /// The secret as its holder sends it.
    package let text: String

    /// Draws a new secret.
    package init() {
        text = Self.prefix + Hexadecimal.encoded(RandomBytes.make(Self.byteCount))
    }

    /// Takes a text that has the form of a secret; nil for any other text.
    package init?(_ text: String) {
        // By bytes, since every request with a token comes by here.
        guard text.utf8.starts(with: Self.prefix.utf8) else { return nil }
        let digits = text.utf8.dropFirst(Self.prefix.utf8.count)
        guard digits.count == 2 * Self.byteCount, digits.allSatisfy(Self.isDigit) else { return nil }
        self.text = text
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// The end of the secret, by which its holder recognises it.
    var lastEight: String { String(text.suffix(8)) }

    /// What the registry keeps of the secret.
    func sha256() throws -> RegistryCore.Digest {
        try RegistryCore.Digest(.sha256, bytes: SHA256.hash(data: Array(text.utf8)))
    }
}
