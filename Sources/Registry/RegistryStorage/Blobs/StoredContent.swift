// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// Content that a store holds, whether or not a blob uses it.
package struct StoredContent: Hashable, Sendable {
    /// The key of the content.
    package let key: BlobKey
    /// The size of the content.
    package let sizeInBytes: Int64
    /// The age of the content by the store's own clock; never negative.
    package let age: Duration

    package init(key: BlobKey, sizeInBytes: Int64, age: Duration) {
        self.key = key
        self.sizeInBytes = sizeInBytes
        self.age = age
    }
}
