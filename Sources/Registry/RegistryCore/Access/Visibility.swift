// SPDX-License-Identifier: Apache-2.0

/// The visibility of an owner and its packages to accounts that are not members.
package enum Visibility: String, CaseIterable, Sendable {
    /// Everyone.
    case `public`
    /// Everyone with an account.
    case limited
    /// Members only.
    case `private`
}
