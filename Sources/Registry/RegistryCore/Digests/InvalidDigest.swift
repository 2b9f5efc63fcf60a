// SPDX-License-Identifier: Apache-2.0

/// A text or a run of bytes that is not a digest of the algorithm.
package struct InvalidDigest: Error, Hashable, CustomStringConvertible {
    /// The algorithm the digest was to be of.
    package let algorithm: DigestAlgorithm
    /// What was given, already quoted or counted.
    package let value: String
    /// The rule, as a clause that starts with "it must".
    package let rule: String

    /// One sentence that is safe to print.
    package var description: String {
        "\(algorithm.rawValue) digest \(value) is not valid: \(rule)"
    }
}
