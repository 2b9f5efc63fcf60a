// SPDX-License-Identifier: Apache-2.0

/// The namespace of what a request is made of.
package enum HTTPRequest {
    /// A method (RFC 9110, section 9); case matters.
    package struct Method: Hashable, Sendable, CustomStringConvertible {
        package let rawValue: String

        /// Takes any token; servers refuse what they do not know.
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
