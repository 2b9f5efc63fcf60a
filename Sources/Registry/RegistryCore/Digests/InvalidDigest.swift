// SPDX-License-Identifier: Apache-2.0

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
