// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Glibc
import Synchronization
import Testing

@testable import HTTPServer

@Suite("certificate files", .timeLimit(.minutes(15)))
struct TLSIdentityFilesTests {
    private let folder: TemporaryFolder
    private let certificate: TestCertificate

    init() throws {
        folder = try TemporaryFolder()
        certificate = try TestCertificate("first")
        try put(certificate)
    }

    @Test("what the files hold is shown, with its chain")
    func loaded() throws {
        let root = try TestCertificate("root")
        let leaf = try TestCertificate("leaf", issuer: root)
        try put(leaf, chain: [root])
        let files = try load()
        #expect(files.warnings.isEmpty)
        #expect(try shown(by: files) == "leaf")
    }

    @Test("one file may hold both")
    func oneFile() throws {
        let path = try folder.write(certificate.keyPEM + certificate.pem, to: "both.pem")
        #expect(try shown(by: TLSIdentityFiles(certificate: path, key: path)) == "first")
    }

    @Test("files that do not change are not read again")
    func unchanged() throws {
        let files = try load()
        let context = files.current
        #expect(try !files.reloadIfChanged())
        #expect(files.current === context)
    }

    @Test("replaced files are used once both are right, and until then the old ones")
    func replaced() throws {
        let files = try load()
        let second = try TestCertificate("second", .rsa(bits: 2048))
        try folder.write(second.keyPEM, to: "key")
        #expect(throws: CertificateError.self) { try files.reloadIfChanged() }
        #expect(try shown(by: files) == "first")
        try folder.write(second.pem, to: "certificate")
        #expect(try files.reloadIfChanged())
        #expect(try shown(by: files) == "second")
        #expect(try !files.reloadIfChanged())
    }

    @Test("files that go away or cannot be used are told once, and whenever somebody asks; the old ones stay in use")
    func gone() throws {
        let files = try load()
        let (path, kept) = (folder.file("certificate"), folder.file("kept"))
        for round in 0..<2 {
            #expect(rename(path, kept) == 0)
            #expect(throws: CertificateError.self, "round \(round)") { try files.reloadIfChanged() }
            #expect(try !files.reloadIfChanged())
            #expect(throws: CertificateError.self) { try files.reloadIfChanged(reportsAgain: true) }
            #expect(rename(kept, path) == 0)
            #expect(try files.reloadIfChanged())
            #expect(try !files.reloadIfChanged(reportsAgain: true))
        }
        // What is in the way may not be in the content.
        try folder.write(certificate.pem, to: "certificate")
        #expect(try files.reloadIfChanged())
        try folder.write(Array("no certificate".utf8), to: "certificate")
        #expect(throws: CertificateError.self) { try files.reloadIfChanged() }
        #expect(try !files.reloadIfChanged())
        #expect(try shown(by: files) == "first")
    }

    @Test("tickets outlive a replaced certificate")
    func tickets() throws {
        let files = try load()
        let first = try TLSPair(files.current)
        try #require(first.handshake())
        try put(TestCertificate("second"))
        #expect(try files.reloadIfChanged())
        let second = try TLSPair(files.current, .init(session: first.client.session))
        try #require(second.handshake())
        #expect(second.client.isResumed)
    }

    @Test("a connection outlives the certificate that it began with")
    func oldConnections() throws {
        let files = try load()
        let pair = try TLSPair(files.current)
        try #require(pair.handshake())
        let waiting = try TLSPair(files.current)
        try put(TestCertificate("second"))
        #expect(try files.reloadIfChanged())
        pair.client.write([1])
        pair.receive()
        #expect(pair.takeReceived() == [1])
        #expect(waiting.handshake())
        #expect(waiting.client.commonName == "first")
    }

    @Test("a thousand handshakes on four threads do not mind that certificates are replaced")
    func replacedWhileServing() async throws {
        let files = try load()
        let others = [try TestCertificate("even"), try TestCertificate("odd")]
        let (handshakes, turns) = (Counter(), Counter())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<250 {
                        let pair = try TLSPair(files.current)
                        try #require(pair.handshake())
                        #expect(["first", "even", "odd"].contains(pair.client.commonName))
                        handshakes.increment()
                        // The threads of tasks are few, and who replaces the certificates needs one.
                        await Task.yield()
                    }
                }
            }
            group.addTask {
                while handshakes.value < 1000, !Task.isCancelled {
                    try put(others[turns.value % 2])
                    #expect(try files.reloadIfChanged())
                    turns.increment()
                    await Task.yield()
                }
            }
            // The first failure ends the others.
            try await group.waitForAll()
        }
        #expect(turns.value >= 20)
    }

    // MARK: Problems

    @Test("each problem of a file has a sentence of its own")
    func problems() throws {
        let text = Array("nonsense\n".utf8)
        let damaged = Array("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n".utf8)
        let weak = try TestCertificate("weak", .rsa(bits: 1024))
        let other = try TestCertificate("other")
        let cases: [(certificate: [UInt8], key: [UInt8], file: String, problem: String)] = [
            ([], try certificate.keyPEM, "certificate", "it is empty"),
            (try certificate.pem, [], "key", "it is empty"),
            (text, try certificate.keyPEM, "certificate", "no PEM certificate found"),
            (try certificate.keyPEM, try certificate.keyPEM, "certificate", "no PEM certificate found"),
            (damaged, try certificate.keyPEM, "certificate", "certificate 1 is damaged ("),
            (try certificate.pem + damaged, try certificate.keyPEM, "certificate", "certificate 2 is damaged ("),
            (try certificate.pem, text, "key", "no PEM private key found"),
            (try certificate.pem, try certificate.pem, "key", "no PEM private key found"),
            (try certificate.pem, try certificate.keyPEM(passphrase: "secret"), "key", "passphrase are not supported"),
            (try certificate.pem, try other.keyPEM, "key", "the key does not match the certificate in"),
            (try other.pem + certificate.pem, try certificate.keyPEM, "certificate", "is number 2 in the file"),
            (try weak.pem, try weak.keyPEM, "certificate", "OpenSSL rejected it (ee key too small)"),
            (
                [UInt8](repeating: 10, count: 1 << 20 + 1), try certificate.keyPEM, "certificate",
                "it is larger than 1 MiB"
            ),
        ]
        for (certificate, key, file, problem) in cases {
            try folder.write(certificate, to: "certificate")
            try folder.write(key, to: "key")
            try expectProblem(of: file, problem)
        }
    }

    @Test("a file that is not there, or none, has a sentence of its own", arguments: ["certificate", "key"])
    func notFiles(name: String) throws {
        unlink(folder.file(name))
        try expectProblem(of: name, "it does not exist")
        mkdir(folder.file(name), 0o700)
        try expectProblem(of: name, "it is a directory")
        rmdir(folder.file(name))
        // Nobody writes into it, so that waiting would be for ever.
        mkfifo(folder.file(name), 0o600)
        try expectProblem(of: name, "it is not a regular file")
        unlink(folder.file(name))
        symlink("/dev/zero", folder.file(name))
        try expectProblem(of: name, "it is not a regular file")
    }

    @Test("a file that the server may not read has a sentence of its own")
    func unreadable() {
        // Asked by number, for root may read everything.
        #expect(PEMFile.problem(of: EACCES) == "permission denied")
        #expect(PEMFile.problem(of: EIO) == "disk I/O error")
    }

    @Test("a socket has a sentence of its own")
    func socketFile() throws {
        unlink(folder.file("key"))
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(listener) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: folder.file("key").utf8) }
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(isBound == 0)
        try expectProblem(of: "key", "it is not a regular file")
    }

    @Test("certificates out of their time are shown, with a warning")
    func outOfTime() throws {
        let expired = try TestCertificate("expired", begins: -200 * 86400, ends: -100 * 86400)
        try put(expired)
        let files = try load()
        #expect(try shown(by: files) == "expired")
        let warning = try #require(files.warnings.first)
        #expect(files.warnings.count == 1)
        #expect(
            warning.wholeMatch(of: /the TLS certificate in .*\/certificate expired on 20\d\d-\d\d-\d\d; renew it/)
                != nil
        )
        try put(TestCertificate("early", begins: 86400, ends: 2 * 86400))
        #expect(try files.reloadIfChanged())
        #expect(files.warnings.first?.contains("is not valid before 20") == true)
        try put(certificate)
        #expect(try files.reloadIfChanged())
        #expect(files.warnings.isEmpty)
    }

    @Test("a chain out of order is shown, with a warning")
    func chainOrder() throws {
        let root = try TestCertificate("root")
        let middle = try TestCertificate("middle", issuer: root)
        let leaf = try TestCertificate("leaf", issuer: middle)
        try put(leaf, chain: [root, middle])
        let files = try load()
        #expect(try shown(by: files) == "leaf")
        #expect(files.warnings.first?.contains("certificate 2 in") == true)
        try put(leaf, chain: [middle, root])
        #expect(try files.reloadIfChanged())
        #expect(files.warnings.isEmpty)
    }

    @Test("the version of OpenSSL is judged")
    func version() {
        #expect(OpenSSLVersion.problem == nil)
        #expect(OpenSSLVersion.problem(of: 0x3000_0000, called: "3.0.0") == nil)
        #expect(
            OpenSSLVersion.problem(of: 0x1010_11ef, called: "1.1.1u")
                == "OpenSSL 1.1.1u is too old: version 3.0 or later is needed; install it with the system's packages"
        )
    }

    private func put(_ certificate: TestCertificate, chain: [TestCertificate] = []) throws {
        try folder.write(certificate.keyPEM, to: "key")
        try folder.write(certificate.pem + chain.flatMap { try $0.pem }, to: "certificate")
    }

    private func load() throws -> TLSIdentityFiles {
        try TLSIdentityFiles(certificate: folder.file("certificate"), key: folder.file("key"))
    }

    /// The name on the certificate that a new client is shown.
    private func shown(by files: TLSIdentityFiles) throws -> String? {
        let pair = try TLSPair(files.current)
        try #require(pair.handshake())
        return pair.client.commonName
    }

    private func expectProblem(of file: String, _ problem: String, _ location: SourceLocation = #_sourceLocation) throws
    {
        let error = #expect(throws: CertificateError.self, sourceLocation: location) { _ = try load() }
        let text = "\(try #require(error))"
        #expect(
            text.hasPrefix("cannot use the TLS certificate or key in \(folder.file(file)): "),
            sourceLocation: location
        )
        #expect(text.contains(problem), "\(text)", sourceLocation: location)
        #expect(text.hasSuffix("; check the files and their permissions"), sourceLocation: location)
    }
}

private final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }
    func increment() { count.add(1, ordering: .relaxed) }
}
