// SPDX-License-Identifier: Apache-2.0

import HTTPMessages
package import RegistryCore
package import RegistryStorage

extension S3BlobStore {
    /// The maximum page size of S3 stores.
    private static let largestPage = 1000

    package func list(after key: BlobKey?, limit: Int) async throws -> [StoredContent] {
        var found: [StoredContent] = []
        var start = key.map { path(of: $0) }
        while found.count < limit {
            let size = min(limit - found.count, Self.largestPage)
            let answer = try await client.send(listing(after: start, purpose: "list content", limit: size))
            guard let document = answer.document, document.name == "ListBucketResult" else { throw unreadable }
            let entries = document.all("Contents")
            found += try entries.compactMap { try content($0, listedAt: answer.storeTime) }
            guard document["IsTruncated"] == "true", let last = entries.last?["Key"] else { break }
            start = last
        }
        return found
    }

    package func removeUnfinished(olderThan age: Duration) async throws -> Int {
        var removed = 0
        var marker: (key: String, upload: String)?
        while true {
            try Task.checkCancellation()
            let answer = try await client.send(uploadListing(after: marker))
            guard let document = answer.document, document.name == "ListMultipartUploadsResult" else {
                throw unreadable
            }
            for entry in document.all("Upload") {
                guard let key = entry["Key"].flatMap({ blobKey($0) }), let upload = entry["UploadId"] else { continue }
                guard try Self.age(entry["Initiated"], at: answer.storeTime) >= age else { continue }
                try await MultipartUpload(store: self, key: key, upload: upload).abort()
                removed += 1
            }
            guard document["IsTruncated"] == "true", let key = document["NextKeyMarker"],
                let upload = document["NextUploadIdMarker"]
            else { return removed }
            marker = (key, upload)
        }
    }

    /// Returns a request that lists the keys below the prefix in order.
    func listing(after start: String? = nil, purpose: String, limit: Int) -> S3Request {
        var query = [("list-type", "2"), ("max-keys", "\(limit)"), ("prefix", client.location.prefix)]
        if let start { query.append(("start-after", start)) }
        return S3Request(method: .get, key: nil, query: query, purpose: purpose)
    }

    private func uploadListing(after marker: (key: String, upload: String)?) -> S3Request {
        var query = [("uploads", ""), ("prefix", client.location.prefix)]
        if let marker { query += [("key-marker", marker.key), ("upload-id-marker", marker.upload)] }
        return S3Request(method: .get, key: nil, query: query, purpose: "list unfinished uploads")
    }

    private func content(_ entry: XMLElement, listedAt now: Timestamp?) throws -> StoredContent? {
        guard let key = entry["Key"].flatMap({ blobKey($0) }) else { return nil }
        guard let size = entry["Size"].flatMap({ Int64($0) }) else { throw unreadable }
        return StoredContent(key: key, sizeInBytes: size, age: try Self.age(entry["LastModified"], at: now))
    }

    /// Returns the age of content by the store's own clock.
    private static func age(_ moment: String?, at now: Timestamp?) throws -> Duration {
        guard let now, let moment = moment.flatMap({ Timestamp(iso8601: $0) }) else {
            throw BlobStoreError(.other, "the store reported no age for content")
        }
        return max(moment.duration(to: now), .zero)
    }

    /// Returns the key of the content with the given name in the bucket, or nil when the name is not the registry's.
    private func blobKey(_ name: String) -> BlobKey? {
        let prefix = client.location.prefix
        guard name.hasPrefix(prefix), let key = name.split(separator: "/").last.flatMap({ BlobKey(String($0)) }) else {
            return nil
        }
        return path(of: key) == name ? key : nil
    }

    private var unreadable: BlobStoreError {
        BlobStoreError(.other, "the response of \(client.location) is not an S3 list; check s3.endpoint")
    }
}
