// SPDX-License-Identifier: Apache-2.0

package import RegistryCore

/// The owner that a request names has another name now, and the caller may know that.
package struct OwnerMoved: Error {
    package let name: OwnerName

    package init(name: OwnerName) {
        self.name = name
    }
}
