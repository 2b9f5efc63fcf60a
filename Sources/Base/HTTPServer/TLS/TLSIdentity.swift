// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A certificate chain and its private key, read from PEM.
final class TLSIdentity {
    let certificatePath: String
    let keyPath: String
    /// The certificate chain, starting with the server's own certificate.
    let chain: [Certificate]
    let key: PrivateKey

    /// Parses both and checks that they match; `certificatePath` and `keyPath` appear in errors.
    init(certificate: [UInt8], certificatePath: String, key: [UInt8], keyPath: String) throws(CertificateError) {
        self.certificatePath = certificatePath
        self.keyPath = keyPath
        chain = try Certificate.all(in: certificate, path: certificatePath)
        self.key = try PrivateKey(pem: key, path: keyPath)
        try checkOwner()
    }

    private func checkOwner() throws(CertificateError) {
        guard let owner = chain.firstIndex(where: { $0.belongs(to: key) }) else {
            throw CertificateError(
                path: keyPath,
                problem: "the key does not match the certificate in \(certificatePath)"
            )
        }
        guard owner == 0 else {
            throw CertificateError(
                path: certificatePath,
                problem:
                    "the certificate for the key is number \(owner + 1) in the file and must come first"
            )
        }
    }

    /// The reasons why clients may distrust a usable certificate, one sentence each.
    var warnings: [String] {
        var warnings: [String] = []
        for (place, certificate) in chain.enumerated() {
            let name = place == 0 ? "the TLS certificate" : "certificate \(place + 1)"
            switch certificate.validity {
            case .expired(let day): warnings.append("\(name) in \(certificatePath) expired on \(day); renew it")
            case .notYet(let day):
                warnings.append("\(name) in \(certificatePath) is not valid before \(day); check the clock")
            case .now: break
            }
            if place > 0, !certificate.issued(chain[place - 1]) {
                warnings.append(
                    "\(name) in \(certificatePath) did not issue the certificate before it; start the chain with the server's own"
                )
            }
        }
        return warnings
    }
}

/// An X.509 certificate.
final class Certificate {
    enum Validity: Equatable {
        case now
        case expired(String)
        case notYet(String)
    }

    let pointer: OpaquePointer

    private init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { X509_free(pointer) }

    /// Returns all certificates in a file, at least one.
    static func all(in pem: [UInt8], path: String) throws(CertificateError) -> [Certificate] {
        ERR_clear_error()
        let (found, code) = try withPEM(pem, path: path) { bio in
            var found: [Certificate] = []
            while let next = PEM_read_bio_X509(bio, nil, nil, nil) { found.append(Certificate(next)) }
            return (found, OpenSSLError.take())
        }
        guard OpenSSLError.isEndOfPEM(code) else {
            throw CertificateError(
                path: path,
                problem: "certificate \(found.count + 1) is damaged (\(OpenSSLError.reason(of: code)))"
            )
        }
        guard !found.isEmpty else { throw CertificateError(path: path, problem: "no PEM certificate found") }
        return found
    }

    func belongs(to key: PrivateKey) -> Bool {
        defer { ERR_clear_error() }
        return X509_check_private_key(pointer, key.pointer) == 1
    }

    func issued(_ other: Certificate) -> Bool { X509_check_issued(pointer, other.pointer) == X509_V_OK }

    /// The state of the validity period at present.
    var validity: Validity {
        if X509_cmp_current_time(X509_get0_notAfter(pointer)) < 0 {
            return .expired(Self.day(X509_get0_notAfter(pointer)))
        }
        if X509_cmp_current_time(X509_get0_notBefore(pointer)) > 0 {
            return .notYet(Self.day(X509_get0_notBefore(pointer)))
        }
        return .now
    }

    /// Returns the UTC day of a time, such as 2026-01-31.
    private static func day(_ time: UnsafePointer<ASN1_TIME>?) -> String {
        var parts = tm()
        guard ASN1_TIME_to_tm(time, &parts) == 1 else { return "an unknown day" }
        func digits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(digits(parts.tm_mon + 1))-\(digits(parts.tm_mday))"
    }
}

/// A private key.
final class PrivateKey {
    let pointer: OpaquePointer

    /// Reads the first private key in a file.
    ///
    /// Passphrases are not supported, because a server starts unattended.
    init(pem: [UInt8], path: String) throws(CertificateError) {
        ERR_clear_error()
        var needsPassphrase = false
        let pointer = try withPEM(pem, path: path) { bio in
            withUnsafeMutablePointer(to: &needsPassphrase) { needsPassphrase in
                PEM_read_bio_PrivateKey(
                    bio,
                    nil,
                    { _, _, _, needsPassphrase in
                        needsPassphrase?.assumingMemoryBound(to: Bool.self).pointee = true
                        return -1
                    },
                    needsPassphrase
                )
            }
        }
        ERR_clear_error()
        guard let pointer else {
            let problem =
                needsPassphrase
                ? "keys with a passphrase are not supported"
                : "no PEM private key found"
            throw CertificateError(path: path, problem: problem)
        }
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }
}

/// Passes the bytes of a file to OpenSSL without a copy, for the duration of `body`.
private func withPEM<Value>(
    _ pem: [UInt8],
    path: String,
    _ body: (OpaquePointer) -> Value
) throws(CertificateError) -> Value {
    let value: Value? = pem.withUnsafeBytes { bytes in
        guard let bio = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else { return nil }
        defer { BIO_free(bio) }
        return body(bio)
    }
    guard let value else { throw .outOfMemory(path) }
    return value
}
