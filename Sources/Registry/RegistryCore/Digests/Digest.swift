// SPDX-License-Identifier: Apache-2.0

/// A digest with its algorithm.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    package let algorithm: DigestAlgorithm
    package let bytes: [UInt8]

    /// Creates a digest from its raw bytes.
    package init(_ algorithm: DigestAlgorithm, bytes: [UInt8]) throws(InvalidDigest) {
        guard bytes.count == algorithm.byteCount else {
            throw InvalidDigest(
                algorithm: algorithm,
                value: "of \(bytes.count) bytes",
                rule: "it must be \(algorithm.byteCount) bytes long"
            )
        }
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// Parses hexadecimal digits in upper or lower case.
    package init(_ algorithm: DigestAlgorithm, hex: some StringProtocol) throws(InvalidDigest) {
        guard let bytes = Hexadecimal.decoded(hex), bytes.count == algorithm.byteCount else {
            throw InvalidDigest(
                algorithm: algorithm,
                value: String(hex).quoted(limit: 140),
                rule: "it must be \(2 * algorithm.byteCount) hexadecimal digits"
            )
        }
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// Parses Base64 (RFC 4648 section 4), with or without padding.
    package init(_ algorithm: DigestAlgorithm, base64: String) throws(InvalidDigest) {
        guard let bytes = Base64.decoded(base64), bytes.count == algorithm.byteCount else {
            throw InvalidDigest(
                algorithm: algorithm,
                value: base64.quoted(),
                rule: "it must be \(algorithm.byteCount) bytes in Base64"
            )
        }
        self.algorithm = algorithm
        self.bytes = bytes
    }

    /// The digest in lower-case hexadecimal digits.
    package var hex: String { Hexadecimal.encoded(bytes) }

    /// The digest in padded Base64.
    package var base64: String { Base64.encoded(bytes) }

    /// The digest as `sha256:<hex>`.
    package var description: String { "\(algorithm.rawValue):\(hex)" }
}

/// A hash function for identifying or verifying content.
package enum DigestAlgorithm: String, CaseIterable, Sendable {
    case md5
    case sha1
    case sha256
    case sha512

    /// The length of a digest in bytes.
    package var byteCount: Int {
        switch self {
        case .md5: 16
        case .sha1: 20
        case .sha256: 32
        case .sha512: 64
        }
    }
}

/// The error of a text or byte sequence that is not a digest of the algorithm.
package struct InvalidDigest: Error, Hashable, CustomStringConvertible {
    /// The expected algorithm.
    package let algorithm: DigestAlgorithm
    /// The given value, already quoted or counted.
    package let value: String
    /// The rule, as a clause that starts with "it must".
    package let rule: String

    /// The message, which is safe to print.
    package var description: String {
        "\(algorithm.rawValue) digest \(value) is not valid: \(rule)"
    }
}
