// SPDX-License-Identifier: Apache-2.0

import RegistryCore
import Testing

@testable import S3Blobs

/// The examples of the documentation of Amazon S3: "Authenticating Requests (AWS Signature Version 4)".
@Suite("Signing requests", .timeLimit(.minutes(15)))
struct RequestSignerTests {
    private static let host = (name: "host", value: "examplebucket.s3.amazonaws.com")
    private static let emptyPayload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    private let moment: Timestamp
    private let signer = RequestSigner(
        credentials: S3Credentials(
            accessKey: "AKIAIOSFODNN7EXAMPLE",
            secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
        ),
        region: "us-east-1"
    )

    init() throws {
        moment = try #require(Timestamp(iso8601: "2013-05-24T00:00:00Z"))
    }

    private func authorization(_ parts: SignedParts, payload: String = emptyPayload) -> String? {
        signer.headers(for: parts, payload: payload, at: moment).last?.value
    }

    @Test("GET of a range")
    func getObject() {
        let parts = SignedParts(method: "GET", path: "/test.txt", headers: [Self.host, ("Range", "bytes=0-9")])
        #expect(
            authorization(parts)
                == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"
                + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"
                + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
        )
    }

    @Test("PUT of a key with a character that is encoded")
    func putObject() {
        let location = S3Location(endpoint: "https://s3.amazonaws.com", bucket: "examplebucket", addressing: .virtual)
        let parts = SignedParts(
            method: "PUT",
            path: location?.path(of: "test$file.text") ?? "",
            headers: [
                Self.host, ("date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ]
        )
        let payload = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"
        #expect(
            authorization(parts, payload: payload)?
                .hasSuffix("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd") == true
        )
    }

    @Test("a query of a name without a value")
    func lifecycle() {
        let parts = SignedParts(method: "GET", path: "/", query: [("lifecycle", "")], headers: [Self.host])
        #expect(
            authorization(parts)?
                .hasSuffix("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543") == true
        )
    }

    @Test("a query of several names, in whatever order they are given")
    func list() {
        for query in [[("max-keys", "2"), ("prefix", "J")], [("prefix", "J"), ("max-keys", "2")]] {
            let parts = SignedParts(method: "GET", path: "/", query: query, headers: [Self.host])
            #expect(
                authorization(parts)?
                    .hasSuffix("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7") == true
            )
        }
    }

    @Test("a URL that is good for a day")
    func presigned() {
        let parts = SignedParts(method: "GET", path: "/test.txt", headers: [Self.host])
        #expect(
            signer.query(for: parts, lifetime: .seconds(86_400), at: moment)
                == "X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
        )
    }

    @Test("a session token is signed and sent, in a header or in the query")
    func sessionToken() {
        let temporary = RequestSigner(
            credentials: S3Credentials(accessKey: "A", secretKey: "B", sessionToken: "C/D"),
            region: "eu-1"
        )
        let parts = SignedParts(method: "GET", path: "/", headers: [Self.host])
        let headers = temporary.headers(for: parts, payload: Self.emptyPayload, at: moment)
        #expect(headers.contains { $0 == ("x-amz-security-token", "C/D") })
        #expect(headers.last?.value.contains("x-amz-date;x-amz-security-token,") == true)
        let query = temporary.query(for: parts, lifetime: .seconds(60), at: moment)
        #expect(query.contains("&X-Amz-Security-Token=C%2FD&"))
    }

    @Test("a credential is never written: no description or dump shows the secret parts")
    func secrets() {
        let credentials = S3Credentials(accessKey: "KEY", secretKey: "unmistakable-1", sessionToken: "unmistakable-2")
        var text = "\(credentials) \(String(reflecting: credentials))"
        dump(credentials, to: &text)
        dump(RequestSigner(credentials: credentials, region: "r"), to: &text)
        #expect(text.contains("KEY"))
        #expect(!text.contains("unmistakable"))
    }
}
