// SPDX-License-Identifier: Apache-2.0

import Digests

/// The rules for passwords and the generator of random ones.
package enum Password {
    private static let minimumCharacterCount = 8
    private static let maximumByteCount = 1024
    private static let randomCharacterCount = 24
    // No look-alike characters; the count is a power of two, so that all are equally likely.
    private static let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789")

    /// Checks the rules for passwords; the error message never contains the password.
    static func check(_ password: String) throws(RegistryError) {
        guard password.count >= minimumCharacterCount else {
            throw .invalid("the password is too short: it must have at least \(minimumCharacterCount) characters")
        }
        guard password.utf8.count <= maximumByteCount else {
            throw .invalid("the password is too long: it must have at most \(maximumByteCount) bytes")
        }
        guard AccessTokenSecret(password) == nil else {
            throw .invalid("the password has the form of an access token: choose another one")
        }
    }

    /// Returns a password of 120 random bits.
    package static func random() -> String {
        String(RandomBytes.make(randomCharacterCount).map { alphabet[Int($0) % alphabet.count] })
    }
}
