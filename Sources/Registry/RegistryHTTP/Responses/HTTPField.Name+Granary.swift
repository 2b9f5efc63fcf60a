// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// The names of header fields that HTTP itself does not define.
extension HTTPField.Name {
    static let digest = HTTPField.Name(token: "Digest")
    static let link = HTTPField.Name(token: "Link")
    static let reprDigest = HTTPField.Name(token: "Repr-Digest")
    static let sudo = HTTPField.Name(token: "Sudo")
    static let tusExtension = HTTPField.Name(token: "Tus-Extension")
    static let tusMaxSize = HTTPField.Name(token: "Tus-Max-Size")
    static let tusResumable = HTTPField.Name(token: "Tus-Resumable")
    static let tusVersion = HTTPField.Name(token: "Tus-Version")
    static let uploadDeferLength = HTTPField.Name(token: "Upload-Defer-Length")
    static let uploadExpires = HTTPField.Name(token: "Upload-Expires")
    static let uploadLength = HTTPField.Name(token: "Upload-Length")
    static let uploadOffset = HTTPField.Name(token: "Upload-Offset")
    static let xChecksumSHA256 = HTTPField.Name(token: "X-Checksum-Sha256")
    static let xFrameOptions = HTTPField.Name(token: "X-Frame-Options")
    static let xHTTPMethodOverride = HTTPField.Name(token: "X-HTTP-Method-Override")
    static let xRequestID = HTTPField.Name(token: "X-Request-Id")
    static let xTotalCount = HTTPField.Name(token: "X-Total-Count")
}
