// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Glibc
import Synchronization

/// The keys that encrypt session tickets (RFC 8446, 4.6.1): one per twelve hours, all derived from a secret.
///
/// The keys outlive certificates, so replacing a certificate causes no full handshakes.
final class TicketKeys: Sendable {
    /// The time for which a key encrypts new tickets, and the lifetime of a ticket, in seconds.
    static let lifetime = 12 * 3600

    /// A key: its name, which tickets contain in plain text, and its encryption and authentication keys.
    struct Key {
        let epoch: Int
        let name: ArraySlice<UInt8>
        let cipherKey: ArraySlice<UInt8>
        let digestKey: ArraySlice<UInt8>

        init?(of secret: TicketSecret, epoch: Int) {
            guard let bytes = secret.derive(80, for: Array("session ticket key, epoch \(epoch)".utf8)) else {
                return nil
            }
            self.epoch = epoch
            (name, cipherKey, digestKey) = (bytes[..<16], bytes[16..<48], bytes[48...])
        }
    }

    private let secret: TicketSecret
    private let now: @Sendable () -> Int
    private let cached = Mutex([Key]())

    /// Creates keys for the clock `now`, in seconds since 1970.
    init(secret: TicketSecret, now: @escaping @Sendable () -> Int = { time(nil) }) {
        self.secret = secret
        self.now = now
    }

    /// The key for new tickets.
    var current: Key? { accepted.first }

    /// Returns the key with a name if its tickets are still accepted.
    func key(named name: UnsafeRawBufferPointer) -> Key? { accepted.first { $0.name.elementsEqual(name) } }

    /// The current key, the previous one with tickets that are still valid, and the next one, which nodes with a fast clock may already
    /// use.
    private var accepted: [Key] {
        let epoch = now() / Self.lifetime
        return cached.withLock { cached in
            if cached.first?.epoch != epoch {
                let keys = [epoch, epoch - 1, epoch + 1].compactMap { Key(of: secret, epoch: $0) }
                cached = keys.count == 3 ? keys : []
            }
            return cached
        }
    }
}

/// The callback for OpenSSL.
extension TicketKeys {
    /// Prepares contexts to encrypt a new ticket or to decrypt a client's ticket, and writes or reads its name and vector.
    ///
    /// Returns 1 for an encrypted ticket, 2 for a decrypted one, 0 for an unknown key, and -1 for an error.
    func prepare(
        _ cipher: OpaquePointer?,
        _ digest: OpaquePointer?,
        name: UnsafeMutablePointer<UInt8>,
        vector: UnsafeMutablePointer<UInt8>,
        isNew: Bool
    ) -> Int32 {
        guard isNew else {
            guard let key = key(named: UnsafeRawBufferPointer(start: name, count: 16)) else { return 0 }
            let isReady = key.cipherKey.withUnsafeBufferPointer {
                EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nil, $0.baseAddress, vector) == 1
            }
            // Clients use a ticket only once (RFC 8446, C.4), so the server issues a new one each time.
            return isReady && key.prepare(digest) ? 2 : -1
        }
        guard let key = current, RAND_bytes(vector, 16) == 1 else { return -1 }
        UnsafeMutableRawBufferPointer(start: name, count: 16).copyBytes(from: key.name)
        let isReady = key.cipherKey.withUnsafeBufferPointer {
            EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nil, $0.baseAddress, vector) == 1
        }
        return isReady && key.prepare(digest) ? 1 : -1
    }
}

extension TicketKeys.Key {
    /// Initializes a context for HMAC-SHA-256.
    fileprivate func prepare(_ digest: OpaquePointer?) -> Bool {
        digestKey.withUnsafeBufferPointer { tls_init_ticket_digest(digest, $0.baseAddress, $0.count) == 1 }
    }
}
