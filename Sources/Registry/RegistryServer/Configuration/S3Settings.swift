// SPDX-License-Identifier: Apache-2.0

import S3Blobs

/// The settings of the section `s3`, and the store that they describe.
struct S3Settings: Sendable {
    var endpoint: String?
    var bucket: String?
    var accessKey: String?
    var secretKey: String?
    var sessionToken: String?
    var region = "us-east-1"
    var prefix = ""
    var addressing = S3Location.Addressing.path
    var redirects = false

    /// Returns the store that the settings describe; nil, with a problem for each missing setting, if they are
    /// incomplete.
    func configuration(_ problems: inout [String]) -> S3Configuration? {
        let needed: [(Setting, String?)] = [
            ("s3.endpoint", endpoint), ("s3.bucket", bucket), ("s3.access-key", accessKey),
            ("s3.secret-key", secretKey),
        ]
        for (setting, value) in needed where value == nil {
            let names = setting.variables.joined(separator: " or ")
            problems.append("\(setting.key) is missing, but content is stored in S3: set it, for example as \(names)")
        }
        guard let endpoint, let bucket, let accessKey, let secretKey,
            let location = S3Location(
                endpoint: endpoint,
                region: region,
                bucket: bucket,
                prefix: prefix,
                addressing: addressing
            )
        else { return nil }
        return S3Configuration(
            location: location,
            credentials: S3Credentials(accessKey: accessKey, secretKey: secretKey, sessionToken: sessionToken),
            redirects: redirects
        )
    }

    /// The rule for keys and tokens.
    static let keyRule = "a text without spaces"

    /// Returns whether a text may be an access key, a secret key or a token.
    static func isKey(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// Returns whether a text may be the name of a region or a bucket.
    static func isName(_ text: String) -> Bool { isPath(text) && !text.contains("/") }

    /// Returns whether a text may be a prefix of keys.
    static func isPath(_ text: String) -> Bool {
        let names = text.split(separator: "/")
        return !names.isEmpty && !names.contains(".") && !names.contains("..")
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_/".contains($0)) }
    }
}
