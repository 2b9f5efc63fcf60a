// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// An algorithm as OpenSSL knows it.
final class Algorithm: @unchecked Sendable {
    // OpenSSL never changes it after it was fetched, and it is never freed.
    let handle: OpaquePointer
    let sizeInBytes: Int

    /// Fetched once: to look one up by its name takes longer than to hash a short text.
    private init(_ name: String) {
        guard let handle = EVP_MD_fetch(nil, name, nil) else {
            preconditionFailure("OpenSSL has no \(name): its configuration on this machine must offer it")
        }
        self.handle = handle
        sizeInBytes = Int(EVP_MD_get_size(handle))
    }

    static let sha256 = Algorithm("SHA256")
    static let sha512 = Algorithm("SHA512")
    static let sha1 = Algorithm("SHA1")
    static let md5 = Algorithm("MD5")
}

/// The state of a digest under way; copied when it is changed while somebody else holds it, too.
struct RunningDigest: Sendable {
    private let algorithm: Algorithm
    private var context: DigestContext

    init(_ algorithm: Algorithm) {
        self.algorithm = algorithm
        context = DigestContext()
        precondition(EVP_DigestInit_ex(context.handle, algorithm.handle, nil) == 1, "OpenSSL could not begin a digest")
    }

    mutating func update(_ bytes: RawSpan) {
        if !isKnownUniquelyReferenced(&context) { context = context.copy() }
        let code = bytes.withUnsafeBytes { EVP_DigestUpdate(context.handle, $0.baseAddress, $0.count) }
        precondition(code == 1, "OpenSSL could not go on with a digest")
    }

    func finalize() -> [UInt8] {
        // What ends is a copy, so that the digest can go on.
        let ending = context.copy()
        return Array(unsafeUninitializedCapacity: algorithm.sizeInBytes) { bytes, count in
            precondition(
                EVP_DigestFinal_ex(ending.handle, bytes.baseAddress, nil) == 1,
                "OpenSSL could not end a digest"
            )
            count = algorithm.sizeInBytes
        }
    }
}

/// OpenSSL's memory of a digest, freed with the last reference.
///
/// Unchecked because `RunningDigest` changes one only while it holds the sole reference.
private final class DigestContext: @unchecked Sendable {
    let handle: OpaquePointer

    init() {
        guard let handle = EVP_MD_CTX_new() else { preconditionFailure("there is no memory left for a digest") }
        self.handle = handle
    }

    deinit { EVP_MD_CTX_free(handle) }

    func copy() -> DigestContext {
        let copy = DigestContext()
        precondition(EVP_MD_CTX_copy_ex(copy.handle, handle) == 1, "there is no memory left for a digest")
        return copy
    }
}
