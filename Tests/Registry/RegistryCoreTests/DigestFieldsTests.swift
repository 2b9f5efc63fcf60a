// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("digests in headers", .timeLimit(.minutes(15)))
struct DigestFieldsTests {
    private static let md5 = "d41d8cd98f00b204e9800998ecf8427e"
    private static let sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    private static let sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    private static let sha512 =
        "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
        + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
    private static let md5Base64 = "1B2M2Y8AsgTpgAmY7PhCfg=="
    private static let sha256Base64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
    private static let otherSHA256 = String(repeating: "0", count: 64)

    private static func digest(_ algorithm: DigestAlgorithm) throws -> Digest {
        switch algorithm {
        case .md5: try Digest(.md5, hex: md5)
        case .sha1: try Digest(.sha1, hex: sha1)
        case .sha256: try Digest(.sha256, hex: sha256)
        case .sha512: try Digest(.sha512, hex: sha512)
        }
    }

    @Test(
        "every spelling is understood",
        arguments: [
            ("content-digest", "sha-256=:\(sha256Base64):", [.sha256]),
            ("repr-digest", "sha-256=:\(sha256Base64):", [.sha256]),
            ("repr-digest", " sha-256=:\(sha256Base64):;q=\"a,b\" , md5=:\(md5Base64):", [.md5, .sha256]),
            ("repr-digest", "foo=\"x, sha-256=:AA:\\\", y\", sha-256=:\(sha256Base64):", [.sha256]),
            ("repr-digest", "unixsum=?1, crc32c=:AAAAAA==:, sha-384=:AA==:", []),
            ("repr-digest", "bar=(1 2), baz=-1, *=t;u, qux=2.5", []),
            ("repr-digest", "", []),
            ("digest", "SHA-256=\(sha256Base64)", [.sha256]),
            ("digest", "sha-256=\(sha256Base64),MD5=\(md5Base64)", [.md5, .sha256]),
            ("digest", "SHA=\(sha1)", [.sha1]),
            ("digest", "UNIXsum=30637, SHA-256=\(sha256)", [.sha256]),
            ("content-md5", md5Base64, [.md5]),
            ("x-checksum-md5", md5, [.md5]),
            ("x-checksum-sha1", sha1, [.sha1]),
            ("x-checksum-sha256", sha256.uppercased(), [.sha256]),
            ("x-checksum-sha256", " \(sha256)\t", [.sha256]),
            ("x-checksum-sha512", sha512, [.sha512]),
            ("x-checksum", md5, [.md5]),
            ("x-checksum", sha1, [.sha1]),
            ("x-checksum", sha256, [.sha256]),
            ("x-checksum", sha512, [.sha512]),
            ("x-checksum-deploy", "true", []),
            ("content-type", "text/plain", []),
        ] as [(String, String, Set<DigestAlgorithm>)]
    )
    func spellings(_ name: String, _ value: String, _ algorithms: Set<DigestAlgorithm>) throws {
        let expected = try ExpectedDigests(fields: [(name, value)])
        #expect(expected.algorithms == algorithms)
        #expect(expected.isEmpty == algorithms.isEmpty)
        for (algorithm, digest) in expected.digests {
            #expect(digest == (try Self.digest(algorithm)))
        }
    }

    @Test(
        "a malformed value is refused, and the header named",
        arguments: [
            ("content-digest", "sha-256=\(sha256Base64)"),
            ("content-digest", "sha-256"),
            ("content-digest", "sha-256=?1"),
            ("repr-digest", "sha-256=::"),
            ("repr-digest", "sha-256=:"),
            ("repr-digest", "sha-256=:\(md5Base64):"),
            ("repr-digest", "sha-512=:\(sha256Base64):"),
            ("content-digest", "???"),
            ("repr-digest", "???"),
            ("repr-digest", "sha-256=:\(sha256Base64):, ???"),
            ("repr-digest", "foo"),
            ("repr-digest", "foo=\"x"),
            ("repr-digest", "foo=:AA"),
            ("repr-digest", "foo=:???:"),
            ("content-digest", "foo=:A A=:"),
            ("repr-digest", "sha-256=:\(sha256Base64):,"),
            ("repr-digest", ", sha-256=:\(sha256Base64):"),
            ("repr-digest", "sha-256=:\(sha256Base64):,,foo=:AA==:"),
            ("repr-digest", "foo=?"),
            ("repr-digest", "foo="),
            ("repr-digest", "=:AA==:"),
            ("repr-digest", sha256),
            ("digest", "???"),
            ("digest", "foo"),
            ("digest", "=\(sha256)"),
            ("digest", "SHA-256="),
            ("digest", "SHA-256"),
            ("digest", "SHA-256=\(md5Base64)"),
            ("digest", "MD5=???"),
            ("content-md5", ""),
            ("content-md5", sha256Base64),
            ("x-checksum-sha256", sha1),
            ("x-checksum-sha256", ""),
            ("x-checksum-sha256", "sha256:\(sha256)"),
            ("x-checksum", "abc"),
            ("x-checksum", String(repeating: "x", count: 64)),
        ]
    )
    func malformed(_ name: String, _ value: String) {
        let error = #expect(throws: InvalidDigestField.self) { try ExpectedDigests(fields: [(name, value)]) }
        #expect(error?.field == name)
        #expect(error?.description.hasPrefix("header \(name): ") == true)
    }

    @Test("headers may agree but not disagree")
    func agreement() throws {
        let agreeing = try ExpectedDigests(fields: [
            ("digest", "SHA-256=\(Self.sha256Base64)"), ("x-checksum", Self.sha256), ("x-checksum-md5", Self.md5),
        ])
        #expect(agreeing.algorithms == [.md5, .sha256])
        let error = #expect(throws: InvalidDigestField.self) {
            try ExpectedDigests(fields: [("x-checksum", Self.sha256), ("x-checksum-sha256", Self.otherSHA256)])
        }
        #expect(error?.field == "x-checksum-sha256")
        #expect(error?.description.contains(Self.sha256) == true)
        #expect(throws: InvalidDigestField.self) {
            try ExpectedDigests(fields: [("digest", "SHA-256=\(Self.sha256),SHA-256=\(Self.otherSHA256)")])
        }
    }

    @Test("content that has not every stated digest is found out")
    func mismatch() throws {
        let digests = FileDigests(
            md5: try Self.digest(.md5),
            sha1: try Self.digest(.sha1),
            sha256: try Self.digest(.sha256),
            sha512: try Self.digest(.sha512)
        )
        let right = try ExpectedDigests(fields: [("x-checksum", Self.sha256), ("x-checksum-md5", Self.md5)])
        #expect(right.mismatch { digests[$0] } == nil)
        #expect(right.mismatch { $0 == .sha256 ? digests[$0] : nil } == (try Self.digest(.md5)))
        let wrong = try ExpectedDigests(fields: [("x-checksum", Self.otherSHA256), ("x-checksum-md5", Self.md5)])
        #expect(wrong.mismatch { digests[$0] }?.hex == Self.otherSHA256)
        #expect(ExpectedDigests().mismatch { _ in nil } == nil)
    }

    @Test("digests are written as clients read them, and read back")
    func writing() throws {
        let both = [try Self.digest(.sha256), try Self.digest(.md5)]
        #expect(DigestFields.structured(both) == "sha-256=:\(Self.sha256Base64):, md5=:\(Self.md5Base64):")
        #expect(DigestFields.legacy(both) == "SHA-256=\(Self.sha256Base64),MD5=\(Self.md5Base64)")
        for algorithm in DigestAlgorithm.allCases {
            let digest = try Self.digest(algorithm)
            let structured = try ExpectedDigests(fields: [("repr-digest", DigestFields.structured([digest]))])
            let legacy = try ExpectedDigests(fields: [("digest", DigestFields.legacy([digest]))])
            #expect(structured.digests == [algorithm: digest] && legacy.digests == [algorithm: digest])
        }
    }

    @Test("all headers that state digests are listed")
    func names() throws {
        for name in DigestFields.names {
            let isRead: Bool
            do {
                isRead = try !ExpectedDigests(fields: [(name, "sha-256=x")]).isEmpty
            } catch {
                isRead = true
            }
            #expect(isRead, "\(name)")
        }
    }
}
