// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@Suite("digests", .timeLimit(.minutes(15)))
struct DigestTests {
    /// SHA-256 of the empty content.
    private static let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    private static let emptyBase64 = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="

    @Test("a digest has one value in all its spellings")
    func spellings() throws {
        let digest = try Digest(.sha256, hex: Self.empty)
        #expect(try Digest(.sha256, hex: Self.empty.uppercased()) == digest)
        #expect(try Digest(.sha256, base64: Self.emptyBase64) == digest)
        #expect(try Digest(.sha256, base64: String(Self.emptyBase64.dropLast())) == digest)
        #expect(try Digest(.sha256, bytes: digest.bytes) == digest)
        #expect(digest.hex == Self.empty)
        #expect(digest.base64 == Self.emptyBase64)
        #expect("\(digest)" == "sha256:\(Self.empty)")
    }

    @Test("each algorithm has its length", arguments: zip(DigestAlgorithm.allCases, [16, 20, 32, 64]))
    func lengths(_ algorithm: DigestAlgorithm, _ count: Int) throws {
        #expect(algorithm.byteCount == count)
        #expect(
            try Digest(algorithm, bytes: Array(repeating: 7, count: count)).hex == String(repeating: "07", count: count)
        )
        for wrong in [0, count - 1, count + 1] {
            let bytes = [UInt8](repeating: 7, count: wrong)
            #expect(throws: InvalidDigest.self) { try Digest(algorithm, bytes: bytes) }
            #expect(throws: InvalidDigest.self) { try Digest(algorithm, hex: Hexadecimal.encoded(bytes)) }
            #expect(throws: InvalidDigest.self) { try Digest(algorithm, base64: Base64.encoded(bytes)) }
        }
    }

    @Test(
        "what is not hexadecimal is refused",
        arguments: [
            "", "0", "0g", "zz", "+1", "é", " d41d8cd98f00b204e9800998ecf8427", "d41d8cd98f00b204e9800998ecf8427",
        ]
    )
    func badHex(_ text: String) {
        #expect(throws: InvalidDigest.self) { try Digest(.md5, hex: text) }
    }

    @Test("the message says what a digest looks like")
    func message() throws {
        let error = #expect(throws: InvalidDigest.self) { try Digest(.md5, hex: "x\n") }
        #expect(error?.description == "md5 digest \"x\\u{a}\" is not valid: it must be 32 hexadecimal digits")
    }

    @Test(
        "Base64 has the test vectors of RFC 4648",
        arguments: [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
    )
    func base64(_ text: String, _ encoded: String) {
        #expect(Base64.encoded(text.utf8) == encoded)
        #expect(Base64.decoded(encoded) == Array(text.utf8))
    }

    @Test(
        "malformed Base64 is refused",
        arguments: ["Z", "Zg=", "Zg===", "=", "====", "Zm9v=", "Zm=v", "Zm9v\n", "Zm 9v", "Zm-_", "Zh==", "Zm9", "é"]
    )
    func badBase64(_ text: String) {
        #expect(Base64.decoded(text) == nil)
    }

    @Test("what is encoded decodes to the same bytes", arguments: SplitMix64.seeds)
    func roundTrips(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for count in 0..<80 {
            let bytes = random.bytes(count)
            #expect(Base64.decoded(Base64.encoded(bytes)) == bytes, "seed \(seed)")
            #expect(Base64.encoded(bytes).utf8.count == (count + 2) / 3 * 4, "seed \(seed)")
            #expect(Hexadecimal.decoded(Hexadecimal.encoded(bytes)) == bytes, "seed \(seed)")
        }
    }

    @Test("the digests of a file are found by algorithm")
    func fileDigests() throws {
        func digest(_ algorithm: DigestAlgorithm) throws -> Digest {
            try Digest(algorithm, bytes: Array(repeating: 1, count: algorithm.byteCount))
        }
        let digests = FileDigests(
            md5: try digest(.md5),
            sha1: try digest(.sha1),
            sha256: try digest(.sha256),
            sha512: try digest(.sha512)
        )
        for algorithm in DigestAlgorithm.allCases {
            #expect(digests[algorithm].algorithm == algorithm)
        }
    }
}
