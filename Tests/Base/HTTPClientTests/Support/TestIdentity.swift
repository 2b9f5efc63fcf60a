// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Foundation

/// A certificate with its key, as the `openssl` command makes them.
struct TestIdentity: Sendable {
    struct CommandFailed: Error {}

    let certificate: String
    let key: String

    /// The authority that signs the others.
    static let authority = Result { try make("authority", ["-subj", "/CN=Test Authority"], signedBy: nil) }

    /// Made once for all tests, in a directory that goes with the machine's temporary files.
    private static let directory = FileManager.default.temporaryDirectory.path + "/granary-certificates-\(UUID())"

    /// A certificate for names such as `DNS:localhost`, signed by the authority of the tests.
    static func make(names: String, days: Int = 30) throws -> TestIdentity {
        let options = ["-subj", "/CN=none", "-addext", "subjectAltName=\(names)", "-days", "\(days)"]
        return try make("\(UUID())", options, signedBy: try authority.get())
    }

    private static func make(_ name: String, _ options: [String], signedBy issuer: TestIdentity?) throws -> TestIdentity
    {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let made = TestIdentity(certificate: "\(directory)/\(name).crt", key: "\(directory)/\(name).key")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout"]
            + [made.key, "-out", made.certificate] + options
            + (issuer.map { ["-CA", $0.certificate, "-CAkey", $0.key] } ?? [])
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CommandFailed() }
        return made
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
