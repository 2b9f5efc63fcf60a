// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The version of OpenSSL that is loaded, which may be another than the one that was built against.
package enum OpenSSLVersion {
    /// Nil when it is one that works; else a sentence that says what is needed.
    package static var problem: String? {
        problem(of: OpenSSL_version_num(), called: String(cString: OpenSSL_version(OPENSSL_VERSION_STRING)))
    }

    static func problem(of number: UInt, called name: String) -> String? {
        guard number < 0x3000_0000 else { return nil }
        return "OpenSSL \(name) is too old: version 3.0 or later is needed; install it with the system's packages"
    }
}
