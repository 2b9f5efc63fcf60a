// SPDX-License-Identifier: Apache-2.0

import Digests
import RegistryCore

/// The secret of an access token: `grn_` and 64 lower-case hexadecimal digits of 256 random bits.
///
/// The secret is shown to its holder once. The registry stores only its SHA-256, which is enough for a secret that
/// cannot be guessed.
package struct AccessTokenSecret: Hashable, Sendable {
    private static let prefix = "grn_"
    private static let byteCount = 32

    /// The secret as its holder sends it.
    package let text: String

    /// Generates a new secret.
    package init() {
        text = Self.prefix + Hexadecimal.encoded(RandomBytes.make(Self.byteCount))
    }

    /// Parses a secret; returns nil if the text does not have its form.
    package init?(_ text: String) {
        // Compares bytes, because every request with a token runs this.
        guard text.utf8.starts(with: Self.prefix.utf8) else { return nil }
        let digits = text.utf8.dropFirst(Self.prefix.utf8.count)
        guard digits.count == 2 * Self.byteCount, digits.allSatisfy(Self.isDigit) else { return nil }
        self.text = text
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    /// The last eight characters of the secret, by which its holder recognizes it.
    var lastEight: String { String(text.suffix(8)) }

    /// Returns the digest that the registry stores instead of the secret.
    func sha256() throws -> Digest {
        try Digest(.sha256, bytes: SHA256.hash(data: Array(text.utf8)))
    }
}
