// SPDX-License-Identifier: Apache-2.0

/// Content that a store holds, whether or not a blob uses it.
package struct StoredContent: Hashable, Sendable {
    /// Where it lies.
    package let key: BlobKey
    /// How many bytes it has.
    package let sizeInBytes: Int64
    /// How long it has been there, by the store's own clock; never negative.
    package let age: Duration

    package init(key: BlobKey, sizeInBytes: Int64, age: Duration) {
        self.key = key
        self.sizeInBytes = sizeInBytes
        self.age = age
    }
}
