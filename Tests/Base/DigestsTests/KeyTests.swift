// SPDX-License-Identifier: Apache-2.0

import Digests
import Testing

@Suite("Digests: keys and secrets", .timeLimit(.minutes(15)))
struct KeyTests {
    @Test(
        "the examples of RFC 4231 are reproduced",
        arguments: [
            (
                Array(repeating: 0x0b, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
            ),
            (
                Array(repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
                "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
            ),
            (
                Array(repeating: 0xaa, count: 131),
                "This is a test using a larger than block-size key and a larger than block-size data. "
                    + "The key needs to be hashed before being used by the HMAC algorithm.",
                "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
            ),
            ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
        ] as [([UInt8], String, String)]
    )
    func authenticationCodes(_ key: [UInt8], _ data: String, _ expected: String) {
        let code = HMAC<SHA256>.authenticationCode(for: Array(data.utf8), using: SymmetricKey(data: key))
        #expect(hexadecimal(code) == expected)
    }

    @Test("bytes that are no text have the codes of RFC 4231, too")
    func binaryData() {
        let third = HMAC<SHA256>
            .authenticationCode(
                for: Array(repeating: 0xdd, count: 50),
                using: SymmetricKey(data: Array(repeating: 0xaa, count: 20))
            )
        #expect(hexadecimal(third) == "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe")
        let fourth = HMAC<SHA256>
            .authenticationCode(
                for: Array(repeating: 0xcd, count: 50),
                using: SymmetricKey(data: Array(1...25))
            )
        #expect(hexadecimal(fourth) == "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b")
    }

    @Test("a key never shows itself in a text")
    func hiddenKeys() {
        let key = SymmetricKey(data: [201, 202, 203])
        #expect(!"\(key) \(String(reflecting: key)) \(Mirror(reflecting: key).children.count)".contains("20"))
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("201"))
    }

    @Test(
        "the examples of RFC 7914 section 12 are reproduced",
        arguments: [
            (
                "", "", 16, 1, 1,
                "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                    + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906"
            ),
            (
                "password", "NaCl", 1024, 8, 16,
                "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                    + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640"
            ),
            (
                "pleaseletmein", "SodiumChloride", 16384, 8, 1,
                "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                    + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887"
            ),
        ] as [(String, String, Int, Int, Int, String)]
    )
    func scrypt(
        _ password: String,
        _ salt: String,
        _ rounds: Int,
        _ blockSize: Int,
        _ parallelism: Int,
        _ expected: String
    ) throws {
        let key = try KDF.Scrypt.deriveKey(
            from: Array(password.utf8),
            salt: Array(salt.utf8),
            outputByteCount: 64,
            rounds: rounds,
            blockSize: blockSize,
            parallelism: parallelism
        )
        #expect(hexadecimal(key) == expected)
    }

    @Test("the memory of the standard cost is granted")
    func standardCost() throws {
        let key = try derive(rounds: 1 << 15, blockSize: 8, parallelism: 1)
        #expect(key.count == 32)
    }

    @Test(
        "parameters that make no sense are refused without taking memory",
        arguments: [
            (0, 8, 1), (1, 8, 1), (1000, 8, 1), (-16, 8, 1), (16, 0, 1), (16, 8, 0), (16, -8, -1), (1 << 40, 8, 1),
            (.max, .max, .max), (16, .max, 1), (16, 8, .max),
        ] as [(Int, Int, Int)]
    )
    func senselessParameters(_ rounds: Int, _ blockSize: Int, _ parallelism: Int) {
        #expect(throws: ScryptError.self) { try derive(rounds: rounds, blockSize: blockSize, parallelism: parallelism) }
    }

    @Test("random bytes are as many as were asked for, and others each time")
    func randomBytes() {
        #expect(RandomBytes.make(0).isEmpty)
        #expect(RandomBytes.make(33).count == 33)
        #expect(RandomBytes.make(32) != RandomBytes.make(32))
    }

    @Test("equal byte strings are equal, others are not")
    func comparison() {
        #expect(ConstantTime.areEqual([], []))
        #expect(ConstantTime.areEqual([1, 2], [1, 2]))
        #expect(!ConstantTime.areEqual([1, 2], [1, 3]))
        #expect(!ConstantTime.areEqual([1, 2], [1, 2, 3]))
    }

    private func derive(rounds: Int, blockSize: Int, parallelism: Int) throws -> [UInt8] {
        try KDF.Scrypt.deriveKey(
            from: Array("secret".utf8),
            salt: [1, 2, 3],
            outputByteCount: 32,
            rounds: rounds,
            blockSize: blockSize,
            parallelism: parallelism
        )
    }
}
