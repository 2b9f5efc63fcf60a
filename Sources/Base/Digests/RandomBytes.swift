// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Random bytes from OpenSSL's generator, which the operating system seeds.
package enum RandomBytes {
    /// Returns `count` random bytes.
    package static func make(_ count: Int) -> [UInt8] {
        Array(unsafeUninitializedCapacity: count) { bytes, filled in
            precondition(RAND_bytes(bytes.baseAddress, Int32(count)) == 1, "the random generator is not seeded")
            filled = count
        }
    }
}
