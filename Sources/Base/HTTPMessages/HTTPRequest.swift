// SPDX-License-Identifier: Apache-2.0

/// A namespace for the parts of a request.
package enum HTTPRequest {
    /// A request method (RFC 9110, section 9); case-sensitive.
    package struct Method: Hashable, Sendable, CustomStringConvertible {
        package let rawValue: String

        /// Accepts any token; servers reject unknown methods.
        package init(_ rawValue: String) {
            self.rawValue = rawValue
        }

        package var description: String { rawValue }

        package static let delete = Self("DELETE")
        package static let get = Self("GET")
        package static let head = Self("HEAD")
        package static let options = Self("OPTIONS")
        package static let patch = Self("PATCH")
        package static let post = Self("POST")
        package static let put = Self("PUT")
    }
}
