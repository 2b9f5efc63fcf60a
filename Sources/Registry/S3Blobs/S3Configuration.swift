// SPDX-License-Identifier: Apache-2.0

/// A store and how to use it.
package struct S3Configuration: Sendable {
    package var location: S3Location
    package var credentials: S3Credentials
    /// Whether clients are sent to the store for content.
    package var redirects: Bool
    package var timeouts: S3Timeouts
    /// Content above this size is sent in parts.
    package var largestSinglePut: Int64 = 64 << 20
    /// The size of a part, as long as there are not too many of them.
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
