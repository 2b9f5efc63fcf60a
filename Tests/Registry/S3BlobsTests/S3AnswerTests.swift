// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
import RegistryCore
import RegistryStorage
import RegistryTestSupport
import Testing

@testable import S3Blobs

@Suite("Answers of stores", .timeLimit(.minutes(15)))
struct S3AnswerTests {
    static let refusals: [(Int, String, BlobStoreError.Code, isTransient: Bool)] = [
        (404, "NoSuchKey", .missing, false), (404, "NoSuchBucket", .other, false), (404, "", .other, false),
        (404, "NoSuchUpload", .other, false),
        (403, "AccessDenied", .readOnly, false), (403, "InvalidAccessKeyId", .unavailable, false),
        (403, "SignatureDoesNotMatch", .unavailable, false), (403, "RequestTimeTooSkewed", .unavailable, true),
        (403, "QuotaExceeded", .full, false), (507, "", .full, false), (400, "EntityTooLarge", .full, false),
        (500, "InternalError", .unavailable, true), (502, "", .unavailable, true),
        (503, "SlowDown", .unavailable, true),
        (504, "", .unavailable, true), (429, "", .unavailable, true), (408, "", .unavailable, true),
        (400, "RequestTimeout", .unavailable, true), (400, "BadDigest", .unavailable, true),
        (400, "XAmzContentSHA256Mismatch", .unavailable, true), (501, "NotImplemented", .unavailable, false),
        (400, "InvalidArgument", .other, false), (301, "PermanentRedirect", .other, false),
    ]

    @Test("each refusal has its code, and is tried again or not", arguments: refusals)
    func refusal(_ status: Int, _ code: String, _ storeCode: BlobStoreError.Code, isTransient: Bool) {
        let refusal = S3Refusal(status: status, code: code)
        #expect(refusal.storeCode == storeCode)
        #expect(refusal.isTransient == isTransient)
        #expect(!refusal.reason.isEmpty)
    }

    @Test("a 200 may be a refusal")
    func errorInSuccess() {
        let body = "<?xml version=\"1.0\"?>\n\n<Error><Code>InternalError</Code></Error>"
        let answer = S3Answer(status: 200, headers: [:], body: body)
        #expect(answer.refusal == S3Refusal(status: 500, code: "InternalError"))
        #expect(S3Answer(status: 200, headers: [:], body: "").refusal == nil)
        #expect(S3Answer(status: 204, headers: [:], body: "").refusal == nil)
        #expect(S3Answer(status: 404, headers: [:], body: "").refusal == S3Refusal(status: 404, code: ""))
    }

    @Test("a tag of the form of a digest must be the digest")
    func entityTag() throws {
        let md5 = try Digest(.md5, hex: "5d41402abc4b2a76b9719d911017c592")
        func contradicts(_ headers: HTTPFields) -> Bool? { S3EntityTag(headers)?.contradicts(md5) }
        #expect(contradicts([:]) == nil)
        #expect(contradicts([.eTag: "\"5D41402abc4b2a76b9719d911017c592\""]) == false)
        #expect(contradicts([.eTag: "5d41402abc4b2a76b9719d911017c593"]) == true)
        #expect(contradicts([.eTag: "\"something else\""]) == false)
        let encrypted: HTTPFields = [
            .eTag: "\"5d41402abc4b2a76b9719d911017c593\"",
            HTTPField.Name(token: "x-amz-server-side-encryption"): "aws:kms",
        ]
        #expect(contradicts(encrypted) == false)
    }

    @Test("the tag of content made of parts is made of their digests")
    func entityTagOfParts() throws {
        let parts = try ["5d41402abc4b2a76b9719d911017c592", "7d793037a0760186574b0282f2f435e7"].map {
            try Digest(.md5, hex: $0)
        }
        for (tag, isOther) in [
            ("065947336a2f2a95ba8899f3675c3be6-2", false), ("065947336a2f2a95ba8899f3675c3be6-3", true),
            ("165947336a2f2a95ba8899f3675c3be6-2", true),
        ] {
            #expect(S3EntityTag([.eTag: "\"\(tag)\""])?.contradicts(parts: parts) == isOther, "\(tag)")
        }
        #expect(S3EntityTag([.eTag: "\"opaque\""])?.contradicts(parts: parts) == false)
    }
}
