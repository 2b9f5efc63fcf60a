// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Comparisons whose duration does not reveal where secrets differ.
package enum ConstantTime {
    /// Returns whether two byte strings are equal; the duration reveals only their lengths.
    package static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return left.withUnsafeBytes { left in
            right.withUnsafeBytes { right in CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0 }
        }
    }
}
