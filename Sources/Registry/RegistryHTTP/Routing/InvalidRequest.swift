// SPDX-License-Identifier: Apache-2.0

/// The error for a part of a request, other than a name, that is not valid.
struct InvalidRequest: Error, CustomStringConvertible {
    /// The problem and its remedy.
    let description: String
}
