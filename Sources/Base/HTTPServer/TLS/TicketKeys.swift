// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Glibc
import Synchronization

/// The keys that encrypt session tickets (RFC 8446, 4.6.1): one for each half day, all derived from a secret.
///
/// They outlive certificates, so that a replaced one costs nobody a full handshake.
final class TicketKeys: Sendable {
    /// How long a key makes tickets, and how long a ticket can be used, in seconds.
    static let lifetime = 12 * 3600

    /// One key: its name, which a ticket carries in clear text, and what encrypts and authenticates.
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

    /// Keys for the time that `now` tells, in seconds since 1970.
    init(secret: TicketSecret, now: @escaping @Sendable () -> Int = { time(nil) }) {
        self.secret = secret
        self.now = now
    }

    /// The key for new tickets.
    var current: Key? { accepted.first }

    /// The key with a name, if its tickets are still accepted.
    func key(named name: UnsafeRawBufferPointer) -> Key? { accepted.first { $0.name.elementsEqual(name) } }

    /// The current key, the one before it, whose last tickets still live, and the next one, which a node may use already
    /// whose clock is ahead.
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

/// OpenSSL's callback.
extension TicketKeys {
    /// Encrypts a new ticket or decrypts one of a client: prepares the contexts, and writes or reads name and vector.
    ///
    /// Returns 1 for an encrypted one, 2 for a decrypted one, 0 for one that nobody knows, -1 for an error.
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
            // Clients use a ticket once (RFC 8446, C.4), so each is followed by another.
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
    /// Sets a context up for HMAC-SHA-256.
    fileprivate func prepare(_ digest: OpaquePointer?) -> Bool {
        digestKey.withUnsafeBufferPointer { tls_init_ticket_digest(digest, $0.baseAddress, $0.count) == 1 }
    }
}
