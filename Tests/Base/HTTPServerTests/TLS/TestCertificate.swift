// SPDX-License-Identifier: Apache-2.0

import COpenSSL

@testable import HTTPServer

/// A certificate made for a test, with its key, as PEM.
// Nothing changes it once it is made.
final class TestCertificate: @unchecked Sendable {
    enum Kind {
        case ecdsa
        case rsa(bits: Int32)
        case ed25519
    }

    private let certificate: OpaquePointer
    private let key: OpaquePointer

    /// Valid from `begins` to `ends`, in seconds from now; signed by `issuer`, or by itself.
    init(
        _ name: String = "localhost",
        _ kind: Kind = .ecdsa,
        issuer: TestCertificate? = nil,
        begins: Int = -3600,
        ends: Int = 3600
    ) throws {
        key = try Self.makeKey(kind)
        certificate = try made(X509_new())
        X509_set_version(certificate, 2)
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), Int.random(in: 1...Int(Int32.max)))
        X509_gmtime_adj(X509_getm_notBefore(certificate), begins)
        X509_gmtime_adj(X509_getm_notAfter(certificate), ends)
        X509_set_pubkey(certificate, key)
        let subject = X509_get_subject_name(certificate)
        X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_FLAG | 0, name, -1, -1, 0)
        X509_set_issuer_name(certificate, issuer.map { X509_get_subject_name($0.certificate) } ?? subject)
        let signer = issuer?.key ?? key
        // Ed25519 brings its digest.
        let digest = EVP_PKEY_get_base_id(signer) == EVP_PKEY_ED25519 ? nil : EVP_sha256()
        guard X509_sign(certificate, signer, digest) > 0 else { throw Unmade() }
    }

    deinit {
        X509_free(certificate)
        EVP_PKEY_free(key)
    }

    var pem: [UInt8] {
        get throws { try Self.pem { PEM_write_bio_X509($0, certificate) } }
    }

    var keyPEM: [UInt8] {
        get throws { try Self.pem { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) } }
    }

    /// The key, encrypted.
    func keyPEM(passphrase: String) throws -> [UInt8] {
        try Self.pem {
            PEM_write_bio_PKCS8PrivateKey(
                $0,
                key,
                EVP_aes_256_cbc(),
                passphrase,
                Int32(passphrase.utf8.count),
                nil,
                nil
            )
        }
    }

    /// What a server shows with it: itself and the chain above it.
    func identity(chain: [TestCertificate] = []) throws -> TLSIdentity {
        try TLSIdentity(
            certificate: try pem + chain.flatMap { try $0.pem },
            certificatePath: "server.crt",
            key: keyPEM,
            keyPath: "server.key"
        )
    }

    private static func makeKey(_ kind: Kind) throws -> OpaquePointer {
        let type =
            switch kind {
            case .ecdsa: EVP_PKEY_EC
            case .rsa: EVP_PKEY_RSA
            case .ed25519: EVP_PKEY_ED25519
            }
        let generator = try made(EVP_PKEY_CTX_new_id(type, nil))
        defer { EVP_PKEY_CTX_free(generator) }
        EVP_PKEY_keygen_init(generator)
        switch kind {
        case .ecdsa: EVP_PKEY_CTX_set_ec_paramgen_curve_nid(generator, NID_X9_62_prime256v1)
        case .rsa(let bits): EVP_PKEY_CTX_set_rsa_keygen_bits(generator, bits)
        case .ed25519: break
        }
        var key: OpaquePointer?
        EVP_PKEY_keygen(generator, &key)
        return try made(key)
    }

    private static func pem(_ write: (OpaquePointer) -> Int32) throws -> [UInt8] {
        let bio = try made(BIO_new(BIO_s_mem()))
        defer { BIO_free(bio) }
        guard write(bio) == 1 else { throw Unmade() }
        var bytes = [UInt8](repeating: 0, count: BIO_ctrl_pending(bio))
        guard BIO_read(bio, &bytes, Int32(bytes.count)) == bytes.count else { throw Unmade() }
        return bytes
    }
}

/// OpenSSL made nothing of what a test asked for.
struct Unmade: Error {
    let reason = OpenSSLError.reason(of: OpenSSLError.take())
}

/// What OpenSSL made.
func made<Value>(_ value: Value?) throws -> Value {
    guard let value else { throw Unmade() }
    return value
}
