// SPDX-License-Identifier: Apache-2.0

import Digests
import RegistryCore

/// The stored form of a password: the parameters of scrypt (RFC 7914), a salt, and the derived key.
///
/// As text it is `scrypt$<N>$<r>$<p>$<salt>$<key>`, the last two in Base64.
struct PasswordHash: Hashable, Sendable {
    /// The cost of a check.
    struct Cost: Hashable, Sendable {
        let rounds: Int
        let blockSize: Int
        let parallelism: Int

        /// Takes 32 MiB of memory and tens of milliseconds.
        static let standard = Cost(rounds: 1 << 15, blockSize: 8, parallelism: 1)
    }

    private static let saltByteCount = 16
    private static let keyByteCount = 32

    let cost: Cost
    private let salt: [UInt8]
    private let key: [UInt8]

    /// Derives the key of a new password under a random salt.
    init(of password: String, cost: Cost) throws {
        self.cost = cost
        salt = RandomBytes.make(Self.saltByteCount)
        key = try Self.deriveKey(of: password, salt: salt, cost: cost)
    }

    /// Creates a hash that no known password matches.
    init(matchingNothing cost: Cost) {
        self.cost = cost
        salt = RandomBytes.make(Self.saltByteCount)
        key = RandomBytes.make(Self.keyByteCount)
    }

    /// Parses a stored text; returns nil if it is malformed.
    init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard
            parts.count == 6, parts[0] == "scrypt",
            let rounds = Int(parts[1]), let blockSize = Int(parts[2]), let parallelism = Int(parts[3]),
            let salt = Base64.decoded(parts[4]), let key = Base64.decoded(parts[5]), key.count == Self.keyByteCount
        else { return nil }
        cost = Cost(rounds: rounds, blockSize: blockSize, parallelism: parallelism)
        self.salt = salt
        self.key = key
    }

    /// The text to store.
    var text: String {
        "scrypt$\(cost.rounds)$\(cost.blockSize)$\(cost.parallelism)$\(Base64.encoded(salt))$\(Base64.encoded(key))"
    }

    /// Returns whether the password matches; the comparison takes constant time.
    func matches(_ password: String) throws -> Bool {
        let candidate = try Self.deriveKey(of: password, salt: salt, cost: cost)
        return ConstantTime.areEqual(candidate, key)
    }

    private static func deriveKey(of password: String, salt: [UInt8], cost: Cost) throws -> [UInt8] {
        try KDF.Scrypt.deriveKey(
            from: Array(password.utf8),
            salt: salt,
            outputByteCount: keyByteCount,
            rounds: cost.rounds,
            blockSize: cost.blockSize,
            parallelism: cost.parallelism
        )
    }
}
