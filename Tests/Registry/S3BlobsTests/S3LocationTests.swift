// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import S3Blobs

@Suite("Locations in stores", .timeLimit(.minutes(15)))
struct S3LocationTests {
    @Test("a bucket is named in the path or in the host")
    func addressing() throws {
        let path = try #require(S3Location(endpoint: "http://127.0.0.1:9000/", bucket: "b", prefix: "/x//y/"))
        #expect(path.host == "127.0.0.1:9000")
        #expect(path.path(of: nil) == "/b")
        #expect(path.path(of: path.prefix + "k+ä") == "/b/x/y/k%2B%C3%A4")
        let virtual = try #require(
            S3Location(endpoint: "https://S3.example.org:443", bucket: "b", addressing: .virtual)
        )
        #expect(virtual.host == "b.s3.example.org")
        #expect(virtual.path(of: nil) == "/")
        #expect(virtual.path(of: "ab/k") == "/ab/k")
    }

    static let endpoints: [(String, String?)] = [
        ("http://host", "http://host"), ("https://host/", "https://host"), ("HTTPS://Host:8443", "https://host:8443"),
        ("http://host:80", "http://host"), ("http://host:443", "http://host:443"),
        ("http://[::1]:9000", "http://[::1]:9000"),
        ("host", nil), ("ftp://host", nil), ("http://", nil), ("http:///", nil), ("http://user:secret@host", nil),
        ("http://host/path", nil), ("http://host?x", nil), ("http://ho st", nil), ("http://:80", nil), ("", nil),
    ]

    @Test("endpoints", arguments: endpoints)
    func endpoint(_ text: String, _ normal: String?) {
        #expect(S3Location(endpoint: text, bucket: "b")?.endpoint == normal)
    }

    @Test("large content is cut into parts without gaps, never too many")
    func parts() {
        let mebibyte: Int64 = 1 << 20
        for size in [1, 16 * mebibyte, 16 * mebibyte + 1, 65 * mebibyte, 160_000 * mebibyte, 5_000_000 * mebibyte + 7] {
            let parts = MultipartPlan(sizeInBytes: size, partSize: 16 * mebibyte).parts
            #expect(parts.count <= 10_000)
            #expect(parts.first?.lowerBound == 0)
            #expect(parts.last?.upperBound == size)
            #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upperBound == $1.lowerBound })
            #expect(parts.dropLast().allSatisfy { $0.count >= 16 * mebibyte })
        }
    }

    @Test("at 10,000 parts the parts grow by whole mebibytes")
    func mostParts() {
        let mebibyte: Int64 = 1 << 20
        let whole = MultipartPlan(sizeInBytes: 160_000 * mebibyte, partSize: 16 * mebibyte).parts
        #expect(whole.count == 10_000 && whole.allSatisfy { $0.count == 16 * mebibyte })
        let larger = MultipartPlan(sizeInBytes: 160_000 * mebibyte + 1, partSize: 16 * mebibyte).parts
        #expect(larger.count == 9412 && larger.dropLast().allSatisfy { $0.count == 17 * mebibyte })
        #expect(MultipartPlan(sizeInBytes: 0, partSize: 16 * mebibyte).parts.isEmpty)
    }

    @Test("a request to a store that hangs times out within 30 seconds, and sending content has a separate timeout")
    func timeouts() {
        let timeouts = S3Timeouts()
        #expect(timeouts.silence <= .seconds(10) && timeouts.idle <= .seconds(15) && timeouts.call <= .seconds(30))
        #expect(timeouts.call(moving: 1 << 30) > timeouts.call)
    }
}
