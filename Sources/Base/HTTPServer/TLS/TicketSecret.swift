// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The secret from which session ticket keys are derived.
///
/// Nodes with the same secret resume each other's sessions.
package struct TicketSecret: Sendable, CustomStringConvertible, CustomReflectable {
    private let bytes: [UInt8]

    /// Returns nil for fewer than 32 bytes, because ticket keys would then be weaker than session keys.
    package init?(_ bytes: [UInt8]) {
        guard bytes.count >= 32 else { return nil }
        self.bytes = bytes
    }

    /// Generates a secret for this process only.
    package static func random() throws -> TicketSecret {
        var bytes = [UInt8](repeating: 0, count: 32)
        guard RAND_bytes(&bytes, Int32(bytes.count)) == 1 else {
            throw TicketSecretError(reason: OpenSSLError.reason(of: OpenSSLError.take()))
        }
        return TicketSecret(alreadyChecked: bytes)
    }

    private init(alreadyChecked bytes: [UInt8]) { self.bytes = bytes }

    /// Derives bytes for a purpose with HKDF-SHA-256 (RFC 5869); returns nil when memory is exhausted.
    func derive(_ count: Int, for purpose: [UInt8]) -> [UInt8]? {
        guard let derivation = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nil) else { return nil }
        defer { EVP_PKEY_CTX_free(derivation) }
        var derived = [UInt8](repeating: 0, count: count)
        var length = count
        guard EVP_PKEY_derive_init(derivation) == 1,
            EVP_PKEY_CTX_set_hkdf_md(derivation, EVP_sha256()) == 1,
            EVP_PKEY_CTX_set1_hkdf_key(derivation, bytes, Int32(bytes.count)) == 1,
            EVP_PKEY_CTX_add1_hkdf_info(derivation, purpose, Int32(purpose.count)) == 1,
            EVP_PKEY_derive(derivation, &derived, &length) == 1
        else { return nil }
        return derived
    }

    /// A description that does not reveal the secret.
    package var description: String { "a secret for session tickets" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

/// The error for a failure of the system's random generator.
package struct TicketSecretError: Error, CustomStringConvertible {
    let reason: String

    package var description: String { "cannot create a secret for session tickets: \(reason); try again" }
}
