// SPDX-License-Identifier: Apache-2.0

/// Who may know an owner and read its packages without being a member.
package enum Visibility: String, CaseIterable, Sendable {
    /// Everyone.
    case `public`
    /// Everyone who has signed in.
    case limited
    /// Nobody else.
    case `private`
}
