// SPDX-License-Identifier: Apache-2.0

import HTTPClient
import HTTPMessages
import RegistryCore
import RegistryStorage

/// Content in a store that can be requested in whole or in part.
struct S3Content: Sendable {
    /// A response whose body has not been read yet.
    struct Answer: Sendable {
        /// The range of the content in the body.
        let range: Range<Int64>
        /// The size of the whole content.
        let sizeInBytes: Int64
        let body: HTTPClientResponse.Body
    }

    let client: S3Client
    let key: BlobKey
    let path: String

    /// Requests a range, or the whole content when the range is nil.
    func request(_ range: Range<Int64>?) async throws -> Answer {
        var request = S3Request(method: .get, key: path, purpose: "read content \(key)")
        if let range, !range.isEmpty {
            request.headers.append(("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)"))
        }
        let response = try await client.begin(request)
        guard let answer = Answer(response), range == nil || range?.isEmpty == true || answer.range == range else {
            throw BlobStoreError(.other, "the store sent another range of content \(key) than requested")
        }
        return answer
    }
}

extension S3Content.Answer {
    /// Reads the range and the size from the headers, and returns nil when they are incomplete.
    fileprivate init?(_ response: HTTPClientResponse) {
        body = response.body
        if response.status == .partialContent {
            // Such as "bytes 0-9/443".
            guard let field = response.headers[values: .contentRange].first, field.hasPrefix("bytes ") else {
                return nil
            }
            let numbers = field.dropFirst("bytes ".count).split { "-/".contains($0) }.map { Int64($0) }
            guard numbers.count == 3, let first = numbers[0], let last = numbers[1], let size = numbers[2],
                0 <= first, first <= last, last < size
            else { return nil }
            range = first..<(last + 1)
            sizeInBytes = size
        } else {
            guard let size = response.headers[values: .contentLength].first.flatMap({ Int64($0) }), size >= 0 else {
                return nil
            }
            range = 0..<size
            sizeInBytes = size
        }
    }
}
