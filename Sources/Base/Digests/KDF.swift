// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Functions that derive keys from passwords.
package enum KDF {
    /// scrypt (RFC 7914).
    package enum Scrypt {
        /// No reasonable parameters need more memory.
        private static let memoryLimit: UInt64 = 1 << 30

        /// Derives a key; uses `128 · rounds · blockSize` bytes of memory.
        ///
        /// Throws `ScryptError` for parameters that RFC 7914 does not allow or that need more than 1 GiB.
        package static func deriveKey(
            from password: [UInt8],
            salt: [UInt8],
            outputByteCount: Int,
            rounds: Int,
            blockSize: Int,
            parallelism: Int
        ) throws -> [UInt8] {
            let memory = try memory(rounds, blockSize, parallelism)
            return try Array(unsafeUninitializedCapacity: outputByteCount) { key, count in
                let code = password.withUnsafeBytes { password in
                    salt.withUnsafeBufferPointer { salt in
                        EVP_PBE_scrypt(
                            password.baseAddress?.assumingMemoryBound(to: CChar.self),
                            password.count,
                            salt.baseAddress,
                            salt.count,
                            UInt64(rounds),
                            UInt64(blockSize),
                            UInt64(parallelism),
                            memory,
                            key.baseAddress,
                            outputByteCount
                        )
                    }
                }
                guard code == 1 else {
                    ERR_clear_error()
                    throw ScryptError()
                }
                count = outputByteCount
            }
        }

        /// Returns the memory limit for OpenSSL, whose default of 32 MiB is slightly too small for 2¹⁵ rounds with block size 8.
        private static func memory(_ rounds: Int, _ blockSize: Int, _ parallelism: Int) throws -> UInt64 {
            guard rounds > 1, blockSize > 0, parallelism > 0 else { throw ScryptError() }
            let (blocks, isTooMany) = rounds.addingReportingOverflow(parallelism)
            let (units, isTooLarge) = (isTooMany ? Int.max : blocks + 2).multipliedReportingOverflow(by: blockSize)
            guard !isTooMany, !isTooLarge, UInt64(units) <= memoryLimit / 128 else { throw ScryptError() }
            return UInt64(units) * 128
        }
    }
}

/// The error for scrypt parameters that are invalid or need too much memory.
package struct ScryptError: Error, CustomStringConvertible {
    package var description: String { "invalid scrypt parameters: rounds, block size and parallelism are out of range" }
}
