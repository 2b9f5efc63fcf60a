// SPDX-License-Identifier: Apache-2.0

package import RegistryCore
import RegistryStorage

/// What exists at the coordinate where a file is to be published.
package struct Occupant: Hashable, Sendable {
    package let hasVersion: Bool
    /// The file of the same name in that version.
    package let file: StoredFile?

    package init(hasVersion: Bool, file: StoredFile?) {
        self.hasVersion = hasVersion
        self.file = file
    }
}
