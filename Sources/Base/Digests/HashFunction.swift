// SPDX-License-Identifier: Apache-2.0

/// A hash function over a stream of bytes, with value semantics: a copy continues independently.
package protocol HashFunction: Sendable {
    /// Creates a digest of no bytes.
    init()

    /// Adds bytes.
    mutating func update(_ bytes: RawSpan)

    /// Returns the digest of all bytes so far; more can be added afterwards.
    func finalize() -> [UInt8]
}

extension HashFunction {
    /// Adds bytes.
    package mutating func update(data: [UInt8]) { update(data.span.bytes) }

    /// Returns the digest of the given bytes.
    package static func hash(data: [UInt8]) -> [UInt8] {
        var function = Self()
        function.update(data: data)
        return function.finalize()
    }
}

/// SHA-256 (FIPS 180-4).
package struct SHA256: HashFunction {
    private var running = RunningDigest(.sha256)

    package init() {}
    package mutating func update(_ bytes: RawSpan) { running.update(bytes) }
    package func finalize() -> [UInt8] { running.finalize() }
}

/// SHA-512 (FIPS 180-4).
package struct SHA512: HashFunction {
    private var running = RunningDigest(.sha512)

    package init() {}
    package mutating func update(_ bytes: RawSpan) { running.update(bytes) }
    package func finalize() -> [UInt8] { running.finalize() }
}

/// Hash functions that clients still use but that no longer resist attacks.
package enum Insecure {
    /// SHA-1 (FIPS 180-4).
    package struct SHA1: HashFunction {
        private var running = RunningDigest(.sha1)

        package init() {}
        package mutating func update(_ bytes: RawSpan) { running.update(bytes) }
        package func finalize() -> [UInt8] { running.finalize() }
    }

    /// MD5 (RFC 1321).
    package struct MD5: HashFunction {
        private var running = RunningDigest(.md5)

        package init() {}
        package mutating func update(_ bytes: RawSpan) { running.update(bytes) }
        package func finalize() -> [UInt8] { running.finalize() }
    }
}
