// SPDX-License-Identifier: Apache-2.0

extension BlobBackend {
    /// An S3 store; nil until the driver is part of the build, then `BlobBackend+S3.swift` takes this file's place.
    package static let s3: BlobBackend? = nil
}
