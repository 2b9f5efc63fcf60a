// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// Authentication codes (RFC 2104) with a hash function.
package enum HMAC<Function: HashFunction> {}

extension HMAC where Function == SHA256 {
    /// The code of bytes under a key.
    package static func authenticationCode(for data: [UInt8], using key: SymmetricKey) -> [UInt8] {
        let algorithm = Algorithm.sha256
        return Array(unsafeUninitializedCapacity: algorithm.sizeInBytes) { code, count in
            let result = data.withUnsafeBufferPointer { data in
                key.bytes.withUnsafeBytes { key in
                    // An empty key has no address, which OpenSSL takes for "the key of before".
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
            precondition(result != nil, "OpenSSL could not make an authentication code")
            count = algorithm.sizeInBytes
        }
    }
}

/// A secret key; it never shows itself in a text.
package struct SymmetricKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// How long a new key is.
    package enum Size: Sendable {
        case bits256
    }

    let bytes: [UInt8]

    /// Takes a key of any length.
    package init(data: [UInt8]) {
        bytes = data
    }

    /// Draws a new key.
    package init(size: Size) {
        switch size {
        case .bits256: bytes = RandomBytes.make(32)
        }
    }

    package var description: String { "a key" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
