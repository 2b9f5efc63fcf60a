// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Foundation

/// A certificate with its key, as the `openssl` command makes them.
struct TestIdentity: Sendable {
    struct CommandFailed: Error {}

    let certificate: String
    let key: String

    /// The authority that signs the others.
    static let authority = Result {
        try make { made in
            try openssl(
                ["req", "-x509"] + newKey + [made.key, "-subj", "/CN=Test Authority", "-out", made.certificate]
            )
        }
    }

    private static let newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout"]
    private static let directory = FileManager.default.temporaryDirectory.path + "/granary-certificates-\(UUID())"

    /// A certificate for names such as `DNS:localhost`, signed by the authority of the tests; -1 days are over already.
    static func make(names: String?, commonName: String = "none", days: Int = 30) throws -> TestIdentity {
        let authority = try authority.get()
        return try make { made in
            let request = made.certificate + ".request"
            let subject = ["-subj", "/CN=\(commonName)"] + (names.map { ["-addext", "subjectAltName=\($0)"] } ?? [])
            try openssl(["req", "-new"] + newKey + [made.key] + subject + ["-out", request])
            let issuer = ["-CA", authority.certificate, "-CAkey", authority.key]
            try openssl(
                ["x509", "-req", "-in", request, "-copy_extensions", "copy", "-days", "\(days)"] + issuer
                    + ["-out", made.certificate]
            )
        }
    }

    private static func make(_ fill: (TestIdentity) throws -> Void) throws -> TestIdentity {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let path = "\(directory)/\(UUID())"
        let made = TestIdentity(certificate: path + ".crt", key: path + ".key")
        try fill(made)
        return made
    }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["openssl"] + arguments
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CommandFailed() }
    }

    func makeContext() throws -> TLSContext { try TLSContext(self) }
}

/// The TLS side of a server; never changed after it is made.
final class TLSContext: @unchecked Sendable {
    let pointer: OpaquePointer

    init(_ identity: TestIdentity) throws {
        guard let pointer = SSL_CTX_new(TLS_server_method()),
            SSL_CTX_use_certificate_chain_file(pointer, identity.certificate) == 1,
            SSL_CTX_use_PrivateKey_file(pointer, identity.key, SSL_FILETYPE_PEM) == 1
        else { throw TestIdentity.CommandFailed() }
        self.pointer = pointer
    }

    deinit { SSL_CTX_free(pointer) }
}
