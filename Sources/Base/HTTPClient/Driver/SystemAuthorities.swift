// SPDX-License-Identifier: Apache-2.0

import CCurl
import Glibc

/// Where the operating system keeps the certificates that it trusts, as libcurl was told when it was built.
struct SystemAuthorities: Sendable {
    /// Nil when there is none.
    let file: String?
    /// Nil when there is none.
    let directory: String?

    static let current = SystemAuthorities()

    private init() {
        file = Self.existing(curl_information()?.pointee.cainfo)
        directory = Self.existing(curl_information()?.pointee.capath)
    }

    private static func existing(_ path: UnsafePointer<CChar>?) -> String? {
        path.flatMap { access($0, R_OK) == 0 ? String(cString: $0) : nil }
    }
}
