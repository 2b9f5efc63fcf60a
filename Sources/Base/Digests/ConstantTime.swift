// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Comparisons that do not tell by their time where secrets differ.
package enum ConstantTime {
    /// Whether two byte strings are the same; only their lengths show in the time it takes.
    package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0 }
        }
    }
}
