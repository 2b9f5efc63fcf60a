// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A digest algorithm of OpenSSL.
final class Algorithm: @unchecked Sendable {
    // OpenSSL never changes it once fetched, and it is never freed.
    let handle: OpaquePointer
    let sizeInBytes: Int

    /// Fetches the algorithm once, because a lookup by name takes longer than hashing a short text.
    private init(_ name: String) {
        guard let handle = EVP_MD_fetch(nil, name, nil) else {
            preconditionFailure("OpenSSL does not provide \(name): enable it in this machine's OpenSSL configuration")
        }
        self.handle = handle
        sizeInBytes = Int(EVP_MD_get_size(handle))
    }

    static let sha256 = Algorithm("SHA256")
    static let sha512 = Algorithm("SHA512")
    static let sha1 = Algorithm("SHA1")
    static let md5 = Algorithm("MD5")
}

/// The state of an unfinished digest, copied on write.
struct RunningDigest: Sendable {
    private let algorithm: Algorithm
    private var context: DigestContext

    init(_ algorithm: Algorithm) {
        self.algorithm = algorithm
        context = DigestContext()
        precondition(EVP_DigestInit_ex(context.handle, algorithm.handle, nil) == 1, "OpenSSL could not start a digest")
    }

    mutating func update(_ bytes: RawSpan) {
        if !isKnownUniquelyReferenced(&context) { context = context.copy() }
        let code = bytes.withUnsafeBytes { EVP_DigestUpdate(context.handle, $0.baseAddress, $0.count) }
        precondition(code == 1, "OpenSSL could not update a digest")
    }

    func finalize() -> [UInt8] {
        // Finalizes a copy, so that the digest can continue.
        let ending = context.copy()
        return Array(unsafeUninitializedCapacity: algorithm.sizeInBytes) { bytes, count in
            precondition(
                EVP_DigestFinal_ex(ending.handle, bytes.baseAddress, nil) == 1,
                "OpenSSL could not finalize a digest"
            )
            count = algorithm.sizeInBytes
        }
    }
}

/// OpenSSL's digest context, freed with the last reference.
///
/// Unchecked because `RunningDigest` changes a context only while it holds the sole reference.
private final class DigestContext: @unchecked Sendable {
    let handle: OpaquePointer

    init() {
        guard let handle = EVP_MD_CTX_new() else { preconditionFailure("out of memory for a digest") }
        self.handle = handle
    }

    deinit { EVP_MD_CTX_free(handle) }

    func copy() -> DigestContext {
        let copy = DigestContext()
        precondition(EVP_MD_CTX_copy_ex(copy.handle, handle) == 1, "out of memory for a digest")
        return copy
    }
}
