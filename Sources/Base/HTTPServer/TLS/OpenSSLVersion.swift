// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The version of OpenSSL that is loaded at run time, which may differ from the build-time version.
package enum OpenSSLVersion {
    /// An error message when OpenSSL is too old; nil when it is usable.
    package static var problem: String? {
        problem(of: OpenSSL_version_num(), called: String(cString: OpenSSL_version(OPENSSL_VERSION_STRING)))
    }

    static func problem(of number: UInt, called name: String) -> String? {
        guard number < 0x3000_0000 else { return nil }
        return "OpenSSL \(name) is too old: version 3.0 or later is needed; install it with the system's packages"
    }
}
