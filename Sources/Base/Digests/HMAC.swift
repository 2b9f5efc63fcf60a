// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Message authentication codes (RFC 2104) with a hash function.
package enum HMAC<Function: HashFunction> {}

extension HMAC where Function == SHA256 {
    /// Returns the authentication code of bytes for a key.
    package static func authenticationCode(for data: [UInt8], using key: SymmetricKey) -> [UInt8] {
        let algorithm = Algorithm.sha256
        return Array(unsafeUninitializedCapacity: algorithm.sizeInBytes) { code, count in
            let result = data.withUnsafeBufferPointer { data in
                key.bytes.withUnsafeBytes { key in
                    // An empty key has no address, and OpenSSL takes a null key to mean the previous key.
                    withUnsafeBytes(of: 0 as UInt8) { none in
                        COpenSSL.HMAC(
                            algorithm.handle,
                            key.baseAddress ?? none.baseAddress,
                            Int32(key.count),
                            data.baseAddress,
                            data.count,
                            code.baseAddress,
                            nil
                        )
                    }
                }
            }
            precondition(result != nil, "OpenSSL could not compute an authentication code")
            count = algorithm.sizeInBytes
        }
    }
}

/// A secret key whose descriptions never reveal it.
package struct SymmetricKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The size of a new key.
    package enum Size: Sendable {
        case bits256
    }

    let bytes: [UInt8]

    /// Creates a key from bytes of any length.
    package init(data: [UInt8]) {
        bytes = data
    }

    /// Generates a random key.
    package init(size: Size) {
        switch size {
        case .bits256: bytes = RandomBytes.make(32)
        }
    }

    package var description: String { "a key" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
