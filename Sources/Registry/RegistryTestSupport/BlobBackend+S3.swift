// SPDX-License-Identifier: Apache-2.0

import RegistryServer
import RegistryStorage

extension BlobBackend {
    /// An S3 store, or nil when none is configured.
    package static let s3 = TestS3.current.map(s3)

    /// Returns a backend for a bucket that uses the directory's name as key prefix.
    private static func s3(_ store: TestS3) -> BlobBackend {
        @Sendable func prefix(_ directory: String) -> String {
            directory.split(separator: "/").last.map(String.init) ?? ""
        }
        return BlobBackend(description: "S3") { directory in
            try await store.open(try store.configuration(prefix: prefix(directory)))
        } engine: { directory in
            BlobEngine(place: .s3(try store.configuration(prefix: prefix(directory))))
        } clean: { directory in
            try await store.clean(prefix: prefix(directory))
        }
    }
}
