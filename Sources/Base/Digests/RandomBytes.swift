// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Secrets from OpenSSL's random generator, which the operating system's seeds.
package enum RandomBytes {
    /// Draws so many bytes.
    package static func make(_ count: Int) -> [UInt8] {
        Array(unsafeUninitializedCapacity: count) { bytes, filled in
            precondition(RAND_bytes(bytes.baseAddress, Int32(count)) == 1, "the random generator has no seed")
            filled = count
        }
    }
}
