// SPDX-License-Identifier: Apache-2.0

/// The settings of an S3 store.
package struct S3Configuration: Sendable {
    package var location: S3Location
    package var credentials: S3Credentials
    /// Whether downloads are redirected to the store.
    package var redirects: Bool
    package var timeouts: S3Timeouts
    /// The size above which content is uploaded in parts.
    package var largestSinglePut: Int64 = 64 << 20
    /// The size of a part; larger when content would otherwise need too many parts.
    package var partSize: Int64 = 16 << 20

    package init(
        location: S3Location,
        credentials: S3Credentials,
        redirects: Bool = false,
        timeouts: S3Timeouts = S3Timeouts()
    ) {
        self.location = location
        self.credentials = credentials
        self.redirects = redirects
        self.timeouts = timeouts
    }
}
