// SPDX-License-Identifier: Apache-2.0

import S3Blobs

/// The settings of the section `s3`, and the store that they describe.
struct S3Settings: Sendable {
    private var endpoint: String?
    private var bucket: String?
    private var accessKey: String?
    private var secretKey: String?
    private var sessionToken: String?
    private var region = "us-east-1"
    private var prefix = ""
    private var addressing = S3Location.Addressing.path
    private var redirects = false

    /// Applies a value; returns the violated rule if it is not valid.
    mutating func apply(_ text: String, to setting: Setting) -> String? {
        switch setting {
        case .s3Endpoint:
            endpoint = text
            let isValid = S3Location(endpoint: text, bucket: "") != nil
            return isValid ? nil : "an http:// or https:// URL without a path, such as https://s3.example.org"
        case .s3Bucket:
            bucket = text
            return Self.isPlain(text) && !text.contains("/") ? nil : "a name of letters, digits, '.', '-' and '_'"
        case .s3Prefix:
            prefix = text
            return text.isEmpty || Self.isPlain(text) ? nil : "a path of letters, digits, '.', '-', '_' and '/'"
        case .s3Region:
            region = text
            return Self.isPlain(text) && !text.contains("/") ? nil : "a name such as eu-central-1"
        case .s3AccessKey: return Self.take(text, &accessKey)
        case .s3SecretKey: return Self.take(text, &secretKey)
        case .s3SessionToken: return Self.take(text, &sessionToken)
        case .s3Addressing:
            guard let value = S3Location.Addressing(rawValue: text) else { return "path or virtual" }
            addressing = value
        case .s3Redirect:
            guard text == "on" || text == "off" else { return "on or off" }
            redirects = text == "on"
        default: preconditionFailure("\(setting.key) is not a setting of s3")
        }
        return nil
    }

    /// Returns the store that the settings describe; nil, with a problem for each missing setting, if they are
    /// incomplete.
    func configuration(_ problems: inout [String]) -> S3Configuration? {
        let needed = [
            (Setting.s3Endpoint, endpoint, ""), (.s3Bucket, bucket, ""),
            (.s3AccessKey, accessKey, " or AWS_ACCESS_KEY_ID"), (.s3SecretKey, secretKey, " or AWS_SECRET_ACCESS_KEY"),
        ]
        for (setting, value, other) in needed where value == nil {
            let names = "\(setting.environmentVariable)\(other)"
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

    /// The settings as keys and values, with secrets masked.
    var printed: [(Setting, String)] {
        var lines: [(Setting, String)] = []
        if let endpoint { lines.append((.s3Endpoint, endpoint)) }
        lines.append((.s3Region, region))
        if let bucket { lines.append((.s3Bucket, bucket)) }
        if !prefix.isEmpty { lines.append((.s3Prefix, prefix)) }
        if let accessKey { lines.append((.s3AccessKey, accessKey)) }
        if secretKey != nil { lines.append((.s3SecretKey, Setting.mask)) }
        if sessionToken != nil { lines.append((.s3SessionToken, Setting.mask)) }
        return lines + [(.s3Addressing, addressing.rawValue), (.s3Redirect, redirects ? "on" : "off")]
    }

    private static func take(_ text: String, _ target: inout String?) -> String? {
        target = text
        let isValid = !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        return isValid ? nil : "a text without spaces"
    }

    private static func isPlain(_ text: String) -> Bool {
        let names = text.split(separator: "/")
        return !names.isEmpty && !names.contains(".") && !names.contains("..")
            && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || ".-_/".contains($0)) }
    }
}
