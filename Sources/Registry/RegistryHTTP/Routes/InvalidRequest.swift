// SPDX-License-Identifier: Apache-2.0

/// A part of a request, apart from names, that cannot be understood.
struct InvalidRequest: Error, CustomStringConvertible {
    /// What is wrong and what to do.
    let description: String
}
