// SPDX-License-Identifier: Apache-2.0

import Digests
import Testing

/// The examples of FIPS 180-4 and RFC 1321.
@Suite("Digests: hash functions", .timeLimit(.minutes(15)))
struct HashFunctionTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        let name: String
        let data: [UInt8]
        let md5: String
        let sha1: String
        let sha256: String
        let sha512: String

        var testDescription: String { name }
    }

    static let vectors = [
        Vector(
            name: "nothing",
            data: [],
            md5: "d41d8cd98f00b204e9800998ecf8427e",
            sha1: "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            sha512: "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
                + "47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"
        ),
        Vector(
            name: "abc",
            data: Array("abc".utf8),
            md5: "900150983cd24fb0d6963f7d28e17f72",
            sha1: "a9993e364706816aba3e25717850c26c9cd0d89d",
            sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            sha512: "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        Vector(
            name: "448 bits",
            data: Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
            md5: "8215ef0796a20bcaaae116d3876c664a",
            sha1: "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
            sha256: "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            sha512: "204a8fc6dda82f0a0ced7beb8e08a41657c16ef468b228a8279be331a703c335"
                + "96fd15c13b1b07f9aa1d3bea57789ca031ad85c7a71dd70354ec631238ca3445"
        ),
        Vector(
            name: "a million",
            data: Array(repeating: UInt8(ascii: "a"), count: 1_000_000),
            md5: "7707d6ae4e027c70eea2a935c2296f21",
            sha1: "34aa973cd4c4daa4f61eeb2bdbad27316534016f",
            sha256: "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
            sha512: "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
                + "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"
        ),
    ]

    @Test("published examples are reproduced", arguments: vectors)
    func published(_ vector: Vector) {
        #expect(hexadecimal(Insecure.MD5.hash(data: vector.data)) == vector.md5)
        #expect(hexadecimal(Insecure.SHA1.hash(data: vector.data)) == vector.sha1)
        #expect(hexadecimal(SHA256.hash(data: vector.data)) == vector.sha256)
        #expect(hexadecimal(SHA512.hash(data: vector.data)) == vector.sha512)
    }

    @Test("how bytes are cut into pieces does not matter", arguments: [1, 63, 64, 65, 4096])
    func pieces(_ size: Int) {
        let data = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        var function = SHA256()
        for start in stride(from: 0, to: data.count, by: size) {
            function.update(data: Array(data[start..<min(start + size, data.count)]))
        }
        #expect(function.finalize() == SHA256.hash(data: data))
    }

    @Test("a copy goes on by itself, and so does what it was copied from")
    func copies() {
        var first = Insecure.SHA1()
        first.update(data: Array("a".utf8))
        var second = first
        second.update(data: Array("x".utf8))
        first.update(data: Array("bc".utf8))
        #expect(first.finalize() == Insecure.SHA1.hash(data: Array("abc".utf8)))
        #expect(second.finalize() == Insecure.SHA1.hash(data: Array("ax".utf8)))
    }

    @Test("a digest can be asked for, and go on")
    func goingOn() {
        var function = SHA512()
        #expect(function.finalize() == SHA512.hash(data: []))
        function.update(data: Array("ab".utf8))
        #expect(function.finalize() == SHA512.hash(data: Array("ab".utf8)))
        #expect(function.finalize() == SHA512.hash(data: Array("ab".utf8)))
        function.update(data: Array("c".utf8))
        #expect(function.finalize() == SHA512.hash(data: Array("abc".utf8)))
    }
}

func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
