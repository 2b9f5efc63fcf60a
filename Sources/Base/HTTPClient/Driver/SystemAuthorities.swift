// SPDX-License-Identifier: Apache-2.0

import CCurl
import Glibc

/// The location of the operating system's trusted certificates, as compiled into libcurl.
struct SystemAuthorities: Sendable {
    /// The certificate file; nil when there is none.
    let file: String?
    /// The certificate directory; nil when there is none.
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
