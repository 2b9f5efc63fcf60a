// SPDX-License-Identifier: Apache-2.0

import HTTPMessages

/// One request to a store, before it is signed.
struct S3Request: Sendable {
    enum Body: Sendable {
        case none
        case bytes([UInt8])
        /// Bytes sent with digest headers that may be wrong on purpose.
        case unchecked([UInt8])
        case file(FilePart)
    }

    let method: HTTPRequest.Method
    /// The key in the bucket; nil for the bucket itself.
    let key: String?
    var query: [(name: String, value: String)] = []
    var headers: [(name: String, value: String)] = []
    var body = Body.none
    /// The purpose of the request for error messages, such as "store content ab12…".
    let purpose: String

    /// The size of the body.
    var bodySizeInBytes: Int64 {
        switch body {
        case .none: 0
        case .bytes(let bytes), .unchecked(let bytes): Int64(bytes.count)
        case .file(let part): Int64(part.range.count)
        }
    }
}
