// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import RegistryService
import Testing

@Suite("Authorization header", .timeLimit(.minutes(15)))
struct CredentialsTests {
    @Test("no header is no credential")
    func none() throws {
        #expect(try Credentials.parse(authorization: nil) == .none)
    }

    @Test(
        "every scheme is read in any letter case",
        arguments: [
            ("Basic dXNlcjpzZWNyZXQ=", Credentials.basic(user: "user", password: "secret")),
            ("basic dXNlcjpzZWNyZXQ=", .basic(user: "user", password: "secret")),
            ("BASIC   dXNlcjpzZWNyZXQ", .basic(user: "user", password: "secret")),
            (basic("user:"), .basic(user: "user", password: "")),
            (basic(":secret"), .basic(user: "", password: "secret")),
            (basic("a:b:c"), .basic(user: "a", password: "b:c")),
            (basic("zoë:pässwörd"), .basic(user: "zoë", password: "pässwörd")),
            ("token abc", .token("abc")),
            ("Token abc", .token("abc")),
            ("Bearer abc", .token("abc")),
            ("bEARER\tabc ", .token("abc")),
        ]
    )
    func wellFormed(_ header: String, _ expected: Credentials) throws {
        #expect(try Credentials.parse(authorization: header) == expected)
    }

    @Test(
        "a malformed header is refused with a sentence that does not repeat it",
        arguments: [
            "", " ", "Basic", "Basic ", "Basic s3cr3t!", basic("s3cr3t"), "Basic c2VjcmV0 s3cr3t", "Basic /zo=",
            "Bearer", "Bearer s3cr3t s3cr3t", "token", "s3cr3t", "Digest s3cr3t", "AWS4-HMAC-SHA256 s3cr3t",
        ]
    )
    func malformed(_ header: String) {
        do {
            let credentials = try Credentials.parse(authorization: header)
            Issue.record("\(header) was read as \(credentials)")
        } catch {
            #expect(error.code == .unauthenticated)
            #expect(!error.message.contains("s3cr3t"))
            #expect(error.message.contains("Authorization"))
        }
    }

    private static func basic(_ pair: String) -> String {
        "Basic " + Base64.encoded(pair.utf8)
    }
}
